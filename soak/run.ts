// What is soaked, and all that is known of it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from '../lab/cleanup.js';
import { Random } from '../lab/random.js';
import { until } from '../lab/until.js';
import { Churn } from './churn.js';
import { DatagramLedger } from './datagram-ledger.js';
import { Datagrams, NO_SPIN_PORT } from './datagrams.js';
import { type Descriptors, fewestOf, leaksIn } from './descriptors.js';
import { newAftermath, type World } from './faults/fault.js';
import { type Ground, type InterfaceCounts, packetsCrossed } from './ground.js';
import { Ledger } from './ledger.js';
import { Monitor } from './monitor.js';
import type { SoakOptions } from './options.js';
import { Output } from './output.js';
import { Owners } from './owners.js';
import { Vitals } from './vitals.js';

const LONG_LIVED = 64;
const MAX_FLOWS = 24_000;
const FLOW_TIMEOUT_S = 4;
/** Maps that are large enough as a rule, and too small for the worst; timeouts that are over soon. */
const ARGS = [
  ...['--rate', '1ms', '--stats', '1s', '--cleanup-interval', '250ms'],
  ...['--max-flows', `${MAX_FLOWS}`, '--max-timestamps', '256'],
  ...['--flow-timeout', `${FLOW_TIMEOUT_S}s`, '--timestamp-timeout', '4s'],
];
const WITH_OWNERS = ['--who'];
const WITH_ALL = ['--protocol', 'all', '--quic-port', `${NO_SPIN_PORT}`];
/** Exchanges of datagrams for each connection of TCP. */
const DATAGRAMS = 1 / 6;
/** What waits for an answer: the timeout, the longest stop without sweeps, and a sweep that takes its time. */
const GREATEST_RTT_NS = 10e9;
/** No packet for so long: what a new link says of itself has been said. */
const SILENCE_MS = 1_500;

/** In summaries: whatever the monitor does for a moment, it has done something else between two of them. */
const LEAST_SUMMARIES = 3;
/** A walk over all sockets may take seconds. */
const MOST_SUMMARIES = 60;
const LOOK_MS = 20;
const SUMMARY_MS = 120_000;

/** A run, and all that is known of it. */
export interface Run extends World {
  readonly ledger: Ledger;
  readonly vitals: Vitals;
  readonly longLived: number;
  /** Where they are told. */
  readonly owners: Owners | undefined;
  /** What is not TCP, where it is measured, and what is told of it. */
  readonly datagrams: { readonly traffic: Datagrams; readonly ledger: DatagramLedger } | undefined;
  /** Packets at the interface before the monitor was attached, and just after. */
  readonly before: readonly [InterfaceCounts, InterfaceCounts];
}

/** The monitor is there before the first packet: it has to see all of them. */
export async function begin(
  ground: Ground,
  { seed, rate, owners: areTold, protocols }: Omit<SoakOptions, 'minutes'>,
  cleanup: Cleanup,
): Promise<Run> {
  const owners = areTold ? await Owners.prepare(ground) : undefined;
  const datagrams = protocols === 'all' ? new DatagramLedger() : undefined;
  const ledger = new Ledger(GREATEST_RTT_NS, { owners: owners?.ledger, datagrams });
  const path = ground.disk.pathOf('run.ndjson');
  const unwatched = await packetsCrossed(ground, SILENCE_MS);
  const monitor = await new Monitor(ground, [
    ...ARGS,
    ...(areTold ? WITH_OWNERS : []),
    ...(datagrams ? WITH_ALL : []),
    '-o',
    path,
  ]).watching();
  requireTcx(monitor);
  const before = [unwatched, await packetsCrossed(ground, 0)] as const;
  const output = new Output(path, monitor, ledger);
  cleanup.add(() => output.stop());
  const churn = await Churn.start(ground, seed, LONG_LIVED, owners?.ledger);
  if (owners) await goIdle(churn);
  owners?.start();
  cleanup.add(async () => owners?.stop());
  const traffic = datagrams && (await Datagrams.start(ground, seed));
  if (traffic) owners?.ledger.expectDatagrams(traffic.clientPid);
  const random = new Random(seed);
  const vitals = new Vitals(monitor.pid);
  return {
    ground,
    monitor,
    output,
    churn,
    rate,
    maxFlows: MAX_FLOWS,
    random,
    aftermath: newAftermath(),
    ledger,
    owners,
    datagrams: traffic && datagrams && { traffic, ledger: datagrams },
    vitals,
    before,
    longLived: LONG_LIVED,
  };
}

/** Connections and exchanges per second, from now on. */
export function setRate({ churn, datagrams }: Run, rate: number): void {
  churn.setRate(rate);
  datagrams?.traffic.setRate(rate * DATAGRAMS);
}

/**
 * The long-lived connections, for longer than flows are kept: when they go on their owners have to be found by their
 * sockets. What that takes is there from then on, so that descriptors may be counted.
 */
async function goIdle(churn: Churn): Promise<void> {
  churn.freeze();
  await sleep((FLOW_TIMEOUT_S + 2) * 1_000);
  churn.thaw();
}

/** Its filters, if it had some, would go with those that a fault removes. Throws an Error. */
function requireTcx({ words }: Monitor): void {
  if (words.some((line) => /^watching .*\(tcx\)/.test(line))) return;
  throw new Error('a soak needs TCX, and so Linux 6.6 or newer');
}

/**
 * What it has open for longer than a moment, once it has let go of all that was replaced.
 * @param before what it had then: what is more is given time to be closed
 */
export async function settledDescriptors(run: Run, before?: Descriptors): Promise<Descriptors> {
  return run.output.inTurn(async () => {
    await run.output.settled();
    let fewest = await fewestUntilSummary(run);
    const isGrown = () => before !== undefined && leaksIn(before, fewest).length > 0;
    for (let looks = 1; looks < (isGrown() ? MOST_SUMMARIES : LEAST_SUMMARIES); looks++)
      fewest = fewestOf([fewest, await fewestUntilSummary(run)]);
    return fewest;
  });
}

async function fewestUntilSummary({ vitals, ledger }: Run): Promise<Descriptors> {
  const { last } = ledger;
  const looks: Descriptors[] = [];
  const isNext = async () => {
    looks.push(vitals.descriptors);
    await sleep(LOOK_MS);
    return ledger.last !== last;
  };
  await until(isNext, 'a summary', SUMMARY_MS);
  return fewestOf(looks);
}
