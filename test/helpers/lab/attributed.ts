/** Whose connections pping says that they are, against whose they were. */
import type { End } from './callers.js';

/** About a flow. */
export interface FlowLine {
  readonly type: string;
  readonly timestamp: number;
  readonly interface?: string;
  readonly flow_id: number;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_ip: string;
  readonly dest_port: number;
  readonly cgroup?: string;
  readonly container?: string;
  readonly pid?: number;
  readonly comm?: string;
  readonly listener_pid?: number;
  readonly listener_comm?: string;
}

/** A connection as it was: its ends on the wire, and whose it is. */
export interface Truth<Whose> {
  readonly ends: readonly [End, End];
  readonly whose: Whose;
}

export type Judgement = 'right' | 'wrong' | 'missing';

/** What the lines of a flow tell. */
export type Judge<Whose> = (lines: readonly FlowLine[], whose: Whose) => Judgement;

export interface Verdict {
  /** How many connections. */
  readonly right: number;
  readonly wrong: number;
  /** Not seen, or it is not told whose. */
  readonly missing: number;
  /** Flows without a connection. */
  readonly unexpected: number;
  /** Some of all that are not right. */
  readonly examples: readonly string[];
}

const EXAMPLES = 3;

/**
 * Connections between the same ends are told apart by their order.
 * @param lines of one interface
 * @param truths those between the same ends in the order in which they were opened
 */
export function verdictOf<Whose>(
  lines: readonly FlowLine[],
  truths: readonly Truth<Whose>[],
  judge: Judge<Whose>,
): Verdict {
  const counts = { right: 0, wrong: 0, missing: 0, unexpected: 0 };
  const examples: string[] = [];
  const flows = groupedBy(flowsOf(lines), ([first]) => keyOfFlow(first));
  for (const [ends, expected] of groupedBy(truths, ({ ends }) => keyOf(ends))) {
    const seen = flows.get(ends) ?? [];
    flows.delete(ends);
    counts.unexpected += Math.max(0, seen.length - expected.length);
    for (const [at, { whose }] of expected.entries()) {
      const flow = seen[at];
      const judgement = flow ? judge(flow, whose) : 'missing';
      counts[judgement]++;
      if (judgement !== 'right') examples.push(exampleOf(judgement, ends, whose, flow));
    }
  }
  for (const [ends, seen] of flows) {
    counts.unexpected += seen.length;
    examples.push(`no connection: ${ends}`);
  }
  return { ...counts, examples: examples.slice(0, EXAMPLES) };
}

/** Each flow's lines, in the order in which flows have begun. */
function flowsOf(lines: readonly FlowLine[]): FlowLine[][] {
  const flows = [...groupedBy(lines, ({ flow_id }) => flow_id).values()];
  const begin = (flow: readonly FlowLine[]) => Math.min(...flow.map(({ timestamp }) => timestamp));
  return flows.sort((a, b) => begin(a) - begin(b));
}

export function keyOfFlow(line: FlowLine | undefined): string {
  if (!line) throw new Error('a flow without lines');
  const { src_ip, src_port, dest_ip, dest_port } = line;
  return keyOf([
    { address: src_ip, port: src_port },
    { address: dest_ip, port: dest_port },
  ]);
}

/** The same whichever end comes first. */
export function keyOf(ends: readonly [End, End]): string {
  const texts = ends.map(({ address, port }) => `${address} ${port}`);
  return texts.sort().join(' - ');
}

function exampleOf(
  judgement: Judgement,
  ends: string,
  whose: unknown,
  flow: readonly FlowLine[] = [],
): string {
  const told = flow.map(({ type, pid, comm, cgroup, listener_pid, listener_comm }) => {
    return { type, pid, comm, cgroup, listener_pid, listener_comm };
  });
  return `${judgement}: ${ends}: ${JSON.stringify(whose)}, told ${JSON.stringify(told)}`;
}

function groupedBy<T, Key>(all: readonly T[], keyOfOne: (one: T) => Key): Map<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const one of all) {
    const key = keyOfOne(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
