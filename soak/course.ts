// The course of a soak: churn and faults, then quiet, then what is to be judged.
import type { Cleanup } from '../lab/cleanup.js';
import type { Evidence } from './checks.js';
import type { DatagramEvidence } from './datagram-checks.js';
import { Deck } from './deck.js';
import { countOf, type Descriptors } from './descriptors.js';
import { finish, leftovers, rest } from './ending.js';
import { type Fault, pause } from './faults/fault.js';
import { networkFaults } from './faults/network.js';
import { outputFaults } from './faults/output.js';
import { processFaults } from './faults/processes.js';
import { createGround } from './ground.js';
import { kernelComplaints, kernelTime } from './kernel-log.js';
import type { SoakOptions } from './options.js';
import { tasksOf } from './process.js';
import { begin, type Run, setRate, settledDescriptors } from './run.js';

const FAULTS: readonly Fault[] = [...outputFaults, ...networkFaults, ...processFaults];
/** Of the run, and at most in minutes: until caches are full and the heap has its size. */
const WARM_UP_SHARE = 0.4;
const WARM_UP_MINUTES = 3;
const STATUS_MS = 5_000;
const LOOK_MS = 500;

/** Throws where the monitor ends before its time, or the lab fails. */
export async function soak(
  { minutes, ...options }: SoakOptions,
  cleanup: Cleanup,
  say: (text: string) => void,
): Promise<Evidence> {
  const began = kernelTime();
  const ground = await createGround();
  cleanup.add(() => ground.close());
  const run = await begin(ground, options, cleanup);
  setRate(run, options.rate);
  const stop = report(run, say);
  const stopRotating = rotateOften(run);
  cleanup.add(stop);
  cleanup.add(stopRotating);
  const warmUp = Math.min(WARM_UP_MINUTES, WARM_UP_SHARE * minutes);
  const descriptors = await underFaults(run, warmUp, minutes, say);
  const seconds = run.vitals.time * 60;
  stop();
  say('-- no connections any more: what is closed or silent is forgotten');
  const rested = await rest(run, descriptors, stopRotating);
  const tasks = [
    run.monitor.pid,
    ...run.churn.pids,
    ...(run.datagrams?.traffic.pids ?? []),
  ].flatMap(tasksOf);
  const ended = await finish(run);
  return {
    seconds,
    ledger: run.ledger,
    owners: run.owners?.ledger,
    aftermath: run.aftermath,
    longLived: run.longLived,
    datagrams: await datagramsOf(run),
    ...rested,
    ...ended,
    ...run.vitals.memory(warmUp),
    descriptors: { first: descriptors, last: rested.descriptors },
    complaints: kernelComplaints(began, tasks),
    leftovers: await leftovers(run),
  };
}

async function datagramsOf({ datagrams }: Run): Promise<DatagramEvidence | undefined> {
  return datagrams && { ledger: datagrams.ledger, stats: await datagrams.traffic.stats() };
}

/** @returns what the monitor had open after the warm-up */
async function underFaults(
  run: Run,
  warmUp: number,
  minutes: number,
  say: (text: string) => void,
): Promise<Descriptors> {
  const { monitor, vitals, random } = run;
  const deck = new Deck(FAULTS, random);
  let descriptors: Descriptors | undefined;
  while (vitals.time < minutes) {
    await pause(random, 200, 1_500);
    if (vitals.time >= warmUp) descriptors ??= await settledDescriptors(run);
    const fault = deck.draw();
    const at = timeText(vitals.time);
    const what = await fault.run(run);
    say(`${at}  ${fault.name}: ${what}`);
    if (monitor.hasEnded)
      throw new Error(`pping has ended: ${monitor.words.slice(-3).join(' / ')}`);
  }
  return descriptors ?? (await settledDescriptors(run));
}

/** Keeps the output small, or the disk would be full some time. @returns what ends that */
function rotateOften({ output, monitor, aftermath }: Run): () => void {
  const fail = ({ message }: Error) => aftermath.wrongEnds.push(`the output: ${message}`);
  const look = () => {
    if (monitor.hasEnded || !output.isIdle || !output.isLarge) return;
    void output.inTurn(() => output.rotate()).catch(fail);
  };
  const timer = setInterval(look, LOOK_MS);
  return () => clearInterval(timer);
}

/** Looks at the monitor, and says how it is. @returns what ends that */
function report(run: Run, say: (text: string) => void): () => void {
  const { vitals, ledger, monitor } = run;
  let lines = 0;
  const look = () => {
    if (!monitor.hasEnded) vitals.look();
  };
  const status = () => {
    if (monitor.hasEnded) return;
    const { last } = ledger;
    const rate = Math.round((1000 * (ledger.lines - lines)) / STATUS_MS);
    lines = ledger.lines;
    say(
      `${timeText(vitals.time)}  ${last?.flow_entries} flows, ${rate} lines/s, ` +
        `${(vitals.look() / 1024).toFixed(1)} MiB, ${countOf(vitals.descriptors)} descriptors, ` +
        `${last?.dropped_lines} lines dropped, ${ledger.lostRtts + ledger.lostFlowEvents} events lost`,
    );
  };
  const timers = [setInterval(look, LOOK_MS), setInterval(status, STATUS_MS)];
  return () => timers.forEach(clearInterval);
}

function timeText(minutes: number): string {
  const seconds = Math.floor(minutes * 60);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
