// From what was seen to what is to be said of it: each check in words, with the figures behind it.
import { FATES } from '../src/core/counters.js';
import type { ChurnStats } from './churn.js';
import { type DatagramEvidence, datagramChecks } from './datagram-checks.js';
import { countOf, type Descriptors, leaksIn } from './descriptors.js';
import type { Aftermath } from './faults/fault.js';
import type { InterfaceCounts } from './ground.js';
import type { Ledger, Summary } from './ledger.js';
import type { OwnerLedger } from './owner-ledger.js';
import type { Slope } from './slope.js';

export interface Check {
  readonly name: string;
  /** Undefined where it could not be found out. */
  readonly isOk: boolean | undefined;
  /** The figures. */
  readonly detail: string;
}

export interface Evidence {
  readonly seconds: number;
  readonly ledger: Ledger;
  /** Where they are told. */
  readonly owners?: OwnerLedger | undefined;
  /** Where they are measured. */
  readonly datagrams?: DatagramEvidence | undefined;
  /** The last object of the output. */
  readonly summary: Summary;
  readonly exitCode: number | null;
  readonly stackLines: number;
  /** Packets at the interface while the monitor watched. */
  readonly crossed: InterfaceCounts;
  /** Of those that crossed it while the monitor was being attached. */
  readonly unsure: number;
  readonly churn: ChurnStats;
  /** Long-lived connections that were opened. */
  readonly longLived: number;
  /** Flows and identifiers in the maps, a second apart, when all else was quiet. */
  readonly atRest: readonly { readonly flows: number; readonly timestamps: number }[];
  readonly aftermath: Aftermath;
  /** Of resident memory, in KiB a minute; what it was at first, at last and at most; and for how long. */
  readonly memory: Slope;
  readonly residentKib: { readonly first: number; readonly last: number; readonly most: number };
  readonly memoryMinutes: number;
  readonly descriptors: { readonly first: Descriptors; readonly last: Descriptors };
  /** Undefined where the kernel's log cannot be read. */
  readonly complaints: readonly string[] | undefined;
  /** What is still attached or loaded, in words. */
  readonly leftovers: readonly string[];
}

/**
 * Growth over the measured time that is none: as much as may wait for the output (src/sink/file-sink.ts).
 * So what leaks shows the better the longer the run.
 */
export const FLAT_KIB = 16 << 10;
/** Before that, caches fill up, and the heap takes the size it will have. */
const LEAST_MEMORY_MINUTES = 3;
/** Some 100 MiB at the start, 65,536 flows in caches, and what waits for outputs that hang. */
export const MOST_RESIDENT_KIB = 320 << 10;
/** Of flows whose closing was lost, and of sockets that wait for their process, more is known then. */
export const MOST_FOR_OWNERS_KIB = 80 << 10;
/** Of each kind of end, in connections: fewer, and nothing was put to the test. */
const LEAST_ENDS = 20;
/** Lines, of connections and of those of processes that have one. */
const LEAST_OWNED = 1_000;
const LEAST_BRIEF = 20;
/** What a device's backlog can hold (net.core.netdev_max_backlog, two CPUs) when it goes down. */
const LOST_PER_DOWN = 2_000;
/** A second or two on a machine at rest (docs/running-for-days.md). */
const NOTICE_MS = 30_000;
/** Of veth. */
const MEDIAN_MS = 50;

export function checksOf(evidence: Evidence): Check[] {
  return [
    survived(evidence),
    ...packets(evidence),
    ...samples(evidence),
    ...lines(evidence),
    ...rtts(evidence),
    ...traffic(evidence),
    ...owners(evidence),
    ...datagramChecks(evidence.datagrams, evidence.summary),
    ...memory(evidence),
    descriptors(evidence),
    maps(evidence),
    pressure(evidence),
    ...world(evidence),
  ];
}

function survived({ exitCode, stackLines, summary }: Evidence): Check {
  // 1 says that lines are missing, and why.
  const isOk =
    stackLines === 0 && (exitCode === 0 || (exitCode === 1 && summary.dropped_lines > 0));
  return {
    name: 'it survived',
    isOk,
    detail: `exit code ${exitCode}, ${stackLines} lines of a stack`,
  };
}

function packets({ summary, crossed, unsure, aftermath }: Evidence): Check[] {
  const count = counterOf(summary);
  const seen = { sent: count('egress'), received: count('ingress') };
  const fates = sum(FATES.map(count));
  const spare = aftermath.downs * LOST_PER_DOWN;
  const compare = (name: string, there: number, here: number): Check => ({
    name,
    isOk: there + unsure >= here && there - here <= spare,
    detail: `${there} at the interface, ${here} seen, ${there - here} not (${aftermath.downs} times down)`,
  });
  return [
    compare('every packet sent was seen', crossed.sent, seen.sent),
    compare('every packet received was seen', crossed.received, seen.received),
    equal('every packet seen has one fate', seen.sent + seen.received, fates),
  ];
}

function samples({ summary }: Evidence): Check[] {
  const count = counterOf(summary);
  const matched = count('matched') + count('handshake_matched') + count('spin_matched');
  const dropped = count('ambiguous') + count('superseded') + count('below_resolution');
  return [
    equal(
      'identifiers remembered = matched + unanswered + waiting + acknowledged without an RTT',
      count('remembered'),
      count('matched') + summary.unanswered + summary.waiting + dropped,
    ),
    equal('matches = samples + lost', matched, summary.samples + count('rtt_events_lost')),
  ];
}

/** What was lost is counted; nothing else is missing. */
function lines({ summary, ledger, atRest }: Evidence): Check[] {
  const count = counterOf(summary);
  const { dropped_lines: dropped, undecodable } = summary;
  const missingRtts = summary.reported - ledger.rtts;
  const missingOpenings = summary.flows - ledger.openings;
  const lost = count('flow_events_lost');
  // Each flow that was opened was closed, but those at the end.
  const stillOpen = ledger.openings - ledger.closings - (atRest.at(-1)?.flows ?? 0);
  const missing = missingRtts + missingOpenings;
  return [
    {
      name: 'every line is whole',
      isOk: ledger.broken === 0 && undecodable === 0 && ledger.cutOff <= dropped,
      detail: `${ledger.lines} lines, ${ledger.broken} broken${shown(ledger.brokenLines)}, ${ledger.cutOff} cut off at an output's end, ${undecodable} events not understood`,
    },
    {
      name: 'every RTT and opening is a line, or counted as dropped',
      isOk: missingRtts >= 0 && missingOpenings >= 0 && missing <= dropped,
      detail: `${summary.reported} RTTs and ${summary.flows} openings, ${missing} without a line, ${dropped} lines dropped`,
    },
    {
      name: 'what is opened is closed, once',
      isOk: Math.abs(stillOpen) <= dropped + lost && ledger.disordered <= dropped + lost,
      detail: `${ledger.openings} openings, ${ledger.closings} closings, ${atRest.at(-1)?.flows} open at the end; ${ledger.disordered} out of order; ${lost} flow events lost, ${dropped} lines dropped`,
    },
    {
      name: 'losses are told as they are counted',
      isOk:
        dropped > 0
          ? ledger.lostRtts <= count('rtt_events_lost')
          : ledger.lostRtts === count('rtt_events_lost') && ledger.lostFlowEvents === lost,
      detail: `${ledger.lostRtts} RTTs and ${ledger.lostFlowEvents} flow events told, ${count('rtt_events_lost')} and ${lost} counted`,
    },
  ];
}

function rtts({ summary, ledger }: Evidence): Check[] {
  const ms = (ns = Number.NaN) => ns / 1e6;
  const { rtt_p50: p50, rtt_p99: p99 } = percentilesOf(summary);
  const greatest = `${ms(ledger.greatestRtt).toFixed(0)} ms`;
  return [
    {
      name: 'every RTT is plausible',
      isOk: ledger.rtts > 0 && ledger.implausible === 0,
      detail: `${ledger.rtts} RTTs, ${ledger.implausible} not${shown(ledger.implausibleLines)}; the greatest ${greatest}`,
    },
    {
      name: `the median is that of a short path`,
      isOk: ms(p50) < MEDIAN_MS,
      detail: `p50 ${ms(p50).toFixed(3)} ms, p99 ${ms(p99).toFixed(3)} ms`,
    },
  ];
}

/** Of TCP: the worse side, where several are measured. */
function percentilesOf(summary: Summary): Pick<Summary, 'rtt_p50' | 'rtt_p99'> {
  if (!summary.protocols) return summary;
  const { beyond, behind } = summary.protocols.find(({ protocol }) => protocol === 'TCP') ?? {};
  if (!beyond || !behind) return beyond ?? behind ?? {};
  return beyond.rtt_p50 > behind.rtt_p50 ? beyond : behind;
}

function traffic({ churn, longLived, aftermath, seconds }: Evidence): Check[] {
  const { opened, failed, ended } = churn;
  const kinds = Object.entries(ended).map(([kind, count]) => `${count} ${kind}`);
  const tolerated = aftermath.openedInVain + 0.001 * opened;
  return [
    {
      name: 'connections ended in every way',
      isOk: Object.values(ended).every((count) => count >= LEAST_ENDS),
      detail: `${opened} (${Math.round(opened / seconds)} a second): ${kinds.join(', ')}`,
    },
    {
      name: 'traffic was not hurt',
      isOk: failed <= tolerated && churn.long_lost === 0 && churn.long_lived === longLived,
      detail: `${failed} failed, ${aftermath.openedInVain} met a broken network; ${churn.long_lived} of ${longLived} long-lived alive`,
    },
  ];
}

/** What is told is right, and what is not told is counted. */
function owners({ owners: told, summary }: Evidence): Check[] {
  if (!told) return [];
  const { attribution_gaps: gaps = {}, dropped_lines: dropped } = summary;
  const counted = sum(Object.values(gaps));
  return [
    {
      name: 'every owner that is told is right',
      isOk: told.right >= LEAST_OWNED && told.brief >= LEAST_BRIEF && told.wrong === 0,
      detail: `${told.right} lines right, ${told.brief} of them of processes with one connection; ${told.wrong} wrong${shown(told.examples)}`,
    },
    {
      name: 'every owner that is not told is counted',
      isOk: told.untold <= counted + dropped,
      detail: `of ${told.closings} closings ${told.untold} without a process; ${JSON.stringify(gaps)}`,
    },
  ];
}

function memory({ memory: slope, memoryMinutes, residentKib, owners: told }: Evidence): Check[] {
  const { first, last, most } = residentKib;
  const allowed = MOST_RESIDENT_KIB + (told ? MOST_FOR_OWNERS_KIB : 0);
  const flat = FLAT_KIB / memoryMinutes;
  const isTold = memoryMinutes >= LEAST_MEMORY_MINUTES;
  const [value, low, high] = [slope.value, slope.low, slope.high].map((kib) => kib.toFixed(0));
  return [
    {
      name: 'resident memory is bounded',
      isOk: most <= allowed,
      detail: `${mib(most)} MiB at most, ${mib(allowed)} are allowed`,
    },
    {
      name: 'resident memory is flat',
      isOk: !isTold || (Number.isFinite(slope.low) && slope.low <= flat),
      detail: `${value} KiB a minute (95 %: ${low} to ${high}; flat is ${flat.toFixed(0)}), ${mib(first)} to ${mib(last)} MiB${isTold ? '' : '; too short a run to tell'}`,
    },
  ];
}

function descriptors({ descriptors: { first, last } }: Evidence): Check {
  const leaks = leaksIn(first, last);
  const detail = `${countOf(first)} after the warm-up, ${countOf(last)} at the end${shown(leaks)}`;
  return { name: 'no descriptor leaks', isOk: leaks.length === 0, detail };
}

function maps({ atRest, churn }: Evidence): Check {
  const flows = atRest.map((look) => look.flows);
  const timestamps = atRest.map((look) => look.timestamps);
  return {
    name: 'flows in the map = flows alive',
    isOk:
      atRest.length > 0 &&
      flows.every((count) => count === churn.alive) &&
      timestamps.every((count) => count === 0),
    detail: `${flows.join(', ')} flows, ${churn.alive} alive; ${timestamps.join(', ')} identifiers in the timestamp map`,
  };
}

/** Or the faults that fill up a map have not. */
function pressure({ aftermath, summary, ledger }: Evidence): Check {
  const count = counterOf(summary);
  const [flows, timestamps] = [count('flow_map_full'), count('timestamp_map_full')];
  return {
    name: 'maps were too small where they had to be',
    isOk: aftermath.presses === 0 || flows + timestamps + ledger.stepsUp > 0,
    detail: `pressed ${aftermath.presses} times: ${flows} packets met a full flow map, ${timestamps} a full timestamp map; ${ledger.stepsUp} steps of the governor`,
  };
}

function world({ aftermath, complaints, leftovers }: Evidence): Check[] {
  return [
    {
      name: 'instances beside it ended as they should',
      isOk: aftermath.wrongEnds.length === 0,
      detail: `${aftermath.wrongEnds.length} did not${shown(aftermath.wrongEnds)}`,
    },
    {
      name: 'a removed filter is noticed',
      isOk: aftermath.longestNotice <= NOTICE_MS,
      detail: `after ${aftermath.longestNotice} ms at most; ${NOTICE_MS} are allowed under load`,
    },
    {
      name: 'nothing stays attached',
      isOk: leftovers.length === 0,
      detail: leftovers.length === 0 ? 'no filter, no program' : leftovers.join('; '),
    },
    {
      name: 'the kernel does not complain',
      isOk: complaints && complaints.length === 0,
      detail: complaints
        ? `${complaints.length} lines in its log, which is the whole host's${shown(complaints)}`
        : 'its log cannot be read',
    },
  ];
}

function counterOf(summary: Summary): (name: string) => number {
  return (name) => summary.counters[name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)] ?? NaN;
}

function equal(name: string, one: number, other: number): Check {
  return { name, isOk: one === other, detail: `${one} = ${other}` };
}

function shown(examples: readonly string[]): string {
  return examples.length === 0 ? '' : ` (${examples.slice(0, 3).join(' | ').slice(0, 600)})`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mib(kib: number): string {
  return (kib / 1024).toFixed(1);
}
