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

/** Captures at each interface. @param file where a file of that name can be written @returns what ends them */
export async function startCaptures(
  ns: Namespace,
  names: readonly string[],
  file: (name: string) => string,
): Promise<() => Promise<ByInterface<ByFlow<WireFlow>>>> {
  const pathOf = (name: string) => file(`${name}.pcap`);
  const ends = await Promise.all(names.map((name) => startCapture(ns, name, pathOf(name), 'tcp')));
  return async () => {
    await Promise.all(ends.map((end) => end()));
    const flows = await Promise.all(names.map((name) => wireFlows(pathOf(name), 'tcp')));
    return new Map(names.map((name, at) => [name, flows[at] ?? new Map()]));
  };
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
 * @param isLeftOut of flows, by their names, whose RTTs are this machine's own
 */
export function expectAsCaptured(
  { reported, captured }: Reading,
  isBeyond: (address: string) => boolean,
  isLeftOut: (flow: string) => boolean = () => false,
): void {
  const flows = Array.from(captured).filter(
    ([flow, { rtts }]) => rtts.length > 0 && !isLeftOut(flow),
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

/**
 * Of what is farther from who has answered, each RTT is the longer one, by what lies between.
 * @param flow its name at the farther interface, and the one at the nearer
 * @param between how long that takes at least, there and back, in ns
 */
export function expectLonger(
  farther: Reading,
  nearer: Reading,
  flow: readonly [string, string],
  between = 0,
): void {
  const [far, near] = [farther.captured.get(flow[0]), nearer.captured.get(flow[1])];
  // The same segments, or there is nothing to compare.
  expect(far?.identifiers).toEqual(near?.identifiers);
  const others = nearer.reported.get(flow[1]) ?? [];
  const differences = (farther.reported.get(flow[0]) ?? []).map(
    ({ rtt }, at) => rtt - (others[at]?.rtt ?? Number.NaN),
  );
  expect(differences.length).toBeGreaterThan(0);
  expect(Math.min(...differences)).toBeGreaterThan(between);
}

/** Negative where it cannot be, or is that of the other side. */
function errorOf({ rtt, isBehind }: Reported, captured: number, isMeantBehind: boolean): number {
  if (isBehind !== isMeantBehind) return Number.NEGATIVE_INFINITY;
  return (isBehind ? captured - rtt : rtt - captured) + DRIFT * captured;
}

/** Its address. */
export function responderOf(flow: string): string {
  return flow.slice(flow.indexOf('> ') + 2, flow.lastIndexOf('.'));
}

function reportedIn(stdout: string): ByInterface<ByFlow<Reported[]>> {
  const all = new Map<string, Map<string, Reported[]>>();
  for (const line of linesOf(stdout).filter((each) => each.startsWith('{"type":"rtt"'))) {
    const event = JSON.parse(line);
    const flow = `${event.dest_ip}.${event.dest_port} > ${event.src_ip}.${event.src_port}`;
    const flows = all.get(event.interface) ?? new Map<string, Reported[]>();
    all.set(event.interface, flows);
    const reported = flows.get(flow) ?? [];
    flows.set(flow, reported);
    reported.push({ rtt: event.rtt, isBehind: event.match_on_egress });
  }
  return all;
}
