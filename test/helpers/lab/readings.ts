/**
 * What one run says of each of several interfaces, against what captures at these very interfaces say, read
 * by none of pping's code; and of one interface against another that the same packets have crossed.
 *
 * A capture takes the times of what comes in before pping does, and of what leaves after. So an RTT beyond an
 * interface is never less than the capture's, and one behind it never more, however busy the machine is.
 */
import { expect } from '@jest/globals';
import { median } from '../../../bench/statistics.js';
import type { Namespace } from '../../../lab/netns.js';
import { linesOf } from '../command/cli.js';
import { startCapture } from './tcpdump.js';
import { type WireFlow, wireFlows } from './wire.js';

/** How far apart the system clock, which captures have, and pping's may run. */
const DRIFT = 1e-3;
/** Of half of all RTTs: the way from one hook of the kernel to the next. */
const USUAL_NS = 200_000;

/** By `sender.port > responder.port`, whose data was answered. */
type ByFlow<T> = ReadonlyMap<string, T>;
type ByInterface<T> = ReadonlyMap<string, T>;

export interface Reported {
  readonly rtt: number;
  readonly isBehind: boolean;
}

/** Of one interface. */
export interface Reading {
  readonly reported: ByFlow<readonly Reported[]>;
  readonly captured: ByFlow<WireFlow>;
}

/**
 * Captures at each interface.
 * @param file where a file of that name can be written
 * @param netns of several: what the run calls this one
 * @returns what ends them
 */
export async function startCaptures(
  ns: Namespace,
  names: readonly string[],
  file: (name: string) => string,
  netns?: string,
): Promise<() => Promise<ByInterface<ByFlow<WireFlow>>>> {
  const pathOf = (name: string) => file(`${netns ?? ''}${name}.pcap`);
  const ends = await Promise.all(names.map((name) => startCapture(ns, name, pathOf(name), 'tcp')));
  return async () => {
    await Promise.all(ends.map((end) => end()));
    const flows = await Promise.all(names.map((name) => wireFlows(pathOf(name), 'tcp')));
    return new Map(names.map((name, at) => [labelOf(name, netns), flows[at] ?? new Map()]));
  };
}

function labelOf(name: string, netns: string | undefined): string {
  return netns === undefined ? name : `${netns}/${name}`;
}

/** @param stdout NDJSON of a run */
export function readingsOf(
  stdout: string,
  captured: ByInterface<ByFlow<WireFlow>>,
): ByInterface<Reading> {
  const reported = reportedIn(stdout);
  const strange = [...reported.keys()].filter((name) => !captured.has(name));
  expect(strange).toEqual([]);
  const none: ByFlow<Reported[]> = new Map();
  return new Map(
    Array.from(captured, ([name, flows]) => [
      name,
      { reported: reported.get(name) ?? none, captured: flows },
    ]),
  );
}

/**
 * Each RTT of the capture is reported, on its side of the interface, and no other.
 * @param isBeyond of the address that has answered
 * @param isLeftOut of the same, whose RTTs are this machine's own
 */
export function expectAsCaptured(
  { reported, captured }: Reading,
  isBeyond: (address: string) => boolean,
  isLeftOut: (address: string) => boolean = () => false,
): void {
  const flows = Array.from(captured).filter(
    ([flow, { rtts }]) => rtts.length > 0 && !isLeftOut(responderOf(flow)),
  );
  const counts = (each: Iterable<readonly [string, { readonly length: number }]>) =>
    Array.from(each, ([flow, { length }]) => `${flow}: ${length}`).sort();
  expect(counts(reported)).toEqual(counts(flows.map(([flow, { rtts }]) => [flow, rtts])));
  expect(reported.size).toBeGreaterThan(0);
  const errors = flows.flatMap(([flow, { rtts }]) => {
    const isBehind = !isBeyond(responderOf(flow));
    return (reported.get(flow) ?? []).map((each, at) =>
      errorOf(each, rtts[at] ?? Number.NaN, isBehind),
    );
  });
  expect(Math.min(...errors)).toBeGreaterThanOrEqual(0);
  expect(median(errors)).toBeLessThan(USUAL_NS);
}

/** Two interfaces that the same packets cross, from one end of their connections to the other. */
export interface Crossing {
  readonly farther: Reading;
  /** To who has answered. */
  readonly nearer: Reading;
  /** Who is beyond that. */
  readonly responders: readonly string[];
  /** How long the way between the two takes at least, there and back, in ns. */
  readonly between?: number;
  /** What a flow is called at the nearer one, where addresses are translated between the two. */
  readonly nameAtNearer?: (flow: string) => string;
}

/** Of the same two segments the RTT is the longer one where it is farther to who has answered. @returns of how many flows */
export function expectLonger(crossing: Crossing): number {
  const { farther, nearer, responders, between = 0, nameAtNearer = (flow) => flow } = crossing;
  let compared = 0;
  for (const [flow, rtts] of farther.reported) {
    const name = nameAtNearer(flow);
    const others = nearer.reported.get(name);
    if (!responders.includes(responderOf(flow)) || !others) continue;
    // Of the same segments, or there would be nothing to compare.
    const identifiers = farther.captured.get(flow)?.identifiers;
    expect(identifiers).toEqual(nearer.captured.get(name)?.identifiers);
    const differences = rtts.map(({ rtt }, at) => rtt - (others[at]?.rtt ?? Number.NaN));
    expect(Math.min(...differences)).toBeGreaterThan(between);
    compared++;
  }
  return compared;
}

/** Negative where it cannot be, or is that of the other side. */
function errorOf({ rtt, isBehind }: Reported, captured: number, isMeantBehind: boolean): number {
  if (isBehind !== isMeantBehind) return Number.NEGATIVE_INFINITY;
  return (isBehind ? captured - rtt : rtt - captured) + DRIFT * captured;
}

/** The address. */
function responderOf(flow: string): string {
  return flow.slice(flow.indexOf('> ') + 2, flow.lastIndexOf('.'));
}

function reportedIn(stdout: string): ByInterface<ByFlow<Reported[]>> {
  const all = new Map<string, Map<string, Reported[]>>();
  for (const line of linesOf(stdout).filter((each) => each.startsWith('{"type":"rtt"'))) {
    const event = JSON.parse(line);
    const flow = `${event.dest_ip}.${event.dest_port} > ${event.src_ip}.${event.src_port}`;
    const label = labelOf(event.interface, event.netns);
    const flows = all.get(label) ?? new Map<string, Reported[]>();
    all.set(label, flows);
    const reported = flows.get(flow) ?? [];
    flows.set(flow, reported);
    reported.push({ rtt: event.rtt, isBehind: event.match_on_egress });
  }
  return all;
}
