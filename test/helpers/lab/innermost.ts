/** The ends that the opener of a connection knows, against those that pping tells as before NAT. */
import type { FlowLine, Judgement, Truth } from './attributed.js';
import type { End } from './callers.js';
import type { Residents } from './residents.js';
import { type Connections, type Interface, truthsAt } from './seen-where.js';

/** About a flow, with --nat. */
export interface OriginalLine extends FlowLine {
  readonly orig_src_ip?: string | null;
  readonly orig_src_port?: number | null;
  readonly orig_dest_ip?: string | null;
  readonly orig_dest_port?: number | null;
}

/** As its opener says: from where, and to where. The ends on the wire have the opener first, too. */
export interface Opened {
  readonly wire: readonly [End, End];
  readonly from: End;
  readonly to: End;
}

/** What there is to be told at an interface of those that residents open, and of those that come in. */
export function endsAt(
  name: Interface,
  { opened, forwarded, within = [] }: Connections,
  residents: Residents,
): Truth<Opened>[] {
  const none = { opened: [], forwarded: [] };
  const whereSeen = (connections: Connections, { from, to }: Pick<Opened, 'from' | 'to'>) =>
    truthsAt(name, connections, residents).map(({ ends }) => ({
      ends,
      whose: { wire: ends, from, to },
    }));
  return [
    ...opened.flatMap((each) => whereSeen({ ...none, opened: [each] }, each)),
    ...forwarded.flatMap((each) => whereSeen({ ...none, forwarded: [each] }, each.called)),
    ...within.flatMap((each) => whereSeen({ ...none, within: [each] }, each)),
  ];
}

/** Each line tells them, also where they are as on the wire: then by saying nothing. */
export function judgeEnds(lines: readonly FlowLine[], { wire, from, to }: Opened): Judgement {
  const judgements = lines.map((line: OriginalLine) => {
    const [opener, other] = isSame(wireEnd(line, 'src'), wire[0]) ? SIDES : REVERSED;
    const [src, dest] = [originalEnd(line, opener), originalEnd(line, other)];
    if (isSame(src ?? wire[0], from) && isSame(dest ?? wire[1], to)) return 'right';
    return src || dest ? 'wrong' : 'missing';
  });
  return (['wrong', 'missing'] as const).find((each) => judgements.includes(each)) ?? 'right';
}

const SIDES = ['src', 'dest'] as const;
const REVERSED = ['dest', 'src'] as const;
type Side = (typeof SIDES)[number];

export function wireEnd(line: OriginalLine, side: Side): End {
  return { address: line[`${side}_ip`], port: line[`${side}_port`] };
}

/** Undefined where nothing is told of it, null where that is disputed. */
export function originalEnd(line: OriginalLine, side: Side): End | null | undefined {
  const [address, port] = [line[`orig_${side}_ip`], line[`orig_${side}_port`]];
  if (address === null && port === null) return null;
  return address == null || port == null ? undefined : { address, port };
}

function isSame(one: End, other: End): boolean {
  return one.address === other.address && one.port === other.port;
}
