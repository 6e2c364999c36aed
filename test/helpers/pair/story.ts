/** What happened around a wrong RTT, for people to see why. */
import type { Log } from './log.js';
import type { Pair } from './pair.js';
import { lengthOf, passagesAt, type Segment, type Side } from './segment.js';
import { firstPassage, type Judged } from './truth.js';
import type { Seen } from './watch.js';

const BEFORE = 6;
const MOST_BETWEEN = 24;
const FLAGS: readonly [number, string][] = [
  [2, 'S'],
  [1, 'F'],
  [4, 'R'],
  [16, '.'],
];

/** Where the sides' sequence numbers begin in what is told. */
type Origins = [number, number];

export function tell(
  pair: Pair,
  { verdict, data, answer }: Omit<Judged, 'verdict'> & { verdict: string },
  { seen, rtt, sender }: Omit<Seen, 'pair' | 'keepAlive'>,
): string {
  const { log } = pair;
  const head = `${verdict}: ${ms(rtt)} ms for what ${name(sender)} sent`;
  const at = data?.segment ?? answer?.segment;
  const from = data?.time ?? seen - rtt;
  const place = data?.place ?? 0;
  const origins = at ? originsOf(log, at.connection) : ([0, 0] satisfies Origins);
  const near = [...log.sentBy(0), ...log.sentBy(1)]
    .map((segment) => ({ segment, time: timeOf(segment, place) }))
    .sort((a, b) => a.time - b.time);
  const first = near.findIndex(({ time }) => time >= from);
  const last = near.findIndex(({ time }) => time > (answer?.time ?? seen));
  const chosen = near.slice(Math.max(0, first - BEFORE), last < 0 ? undefined : last + 1);
  const lines = chosen.map(({ segment }) => {
    const mark = segment === data?.segment ? 'data>' : segment === answer?.segment ? 'answer>' : '';
    return `${mark.padStart(8)} ${line(segment, place, from, origins)}`;
  });
  const told =
    lines.length <= MOST_BETWEEN
      ? lines
      : [...lines.slice(0, 16), `         (${lines.length - 24} more)`, ...lines.slice(-8)];
  return [head, ...told, `pair: ${JSON.stringify(pair.traits)}`].join('\n');
}

function originsOf(log: Log, connection: number): Origins {
  const first = (side: Side) =>
    log.sentBy(side).find((each) => each.connection === connection && !(each.flags & 4))?.seq ?? 0;
  return [first(0), first(1)];
}

/** As tcpdump has it, and what it does not know. */
function line(segment: Segment, place: number, from: number, origins: Origins): string {
  const { flags, seq, ack, tsval, tsecr, payload, connection } = segment;
  const relative = (number: number, side: Side) => (number - origins[side]) | 0;
  const letters = FLAGS.map(([bit, letter]) => (flags & bit ? letter : '')).join('');
  const start = relative(seq, segment.from);
  const peer: Side = segment.from === 0 ? 1 : 0;
  const time = timeOf(segment, place);
  const said = [
    `${ms(time - from).padStart(10)} #${connection} ${name(segment.from)} [${letters}]`,
    payload > 0 ? `${start}:${start + payload}` : `${start}`,
    flags & 16 ? `ack ${relative(ack, peer)}` : '',
    segment.hasTimestamp ? `ts ${tsval}/${tsecr}` : '',
    segment.isAgain && lengthOf(segment) > 0 ? 'again' : '',
    `(${fate(segment, place)})`,
  ];
  return said.filter((part) => part !== '').join(' ');
}

/** When it passed, or would have. */
function timeOf(segment: Segment, place: number): number {
  return firstPassage(segment, place)?.time ?? segment.sent;
}

function fate(segment: Segment, place: number): string {
  const { sent } = segment;
  const passages = passagesAt(segment, place);
  if (passages.length === 0) return 'lost before the vantage point';
  return passages
    .map(({ time, arrived, arrival, isCaptured }) => {
      const before = `${isCaptured ? '' : 'not captured, '}sent ${ms(time - sent)} before`;
      return arrival > 0
        ? `${before}, arrived ${ms(arrived - time)} after`
        : `${before}, lost beyond`;
    })
    .join('; ');
}

function name(side: Side): string {
  return side === 0 ? 'client' : 'server';
}

function ms(ns: number): string {
  return (ns / 1e6).toFixed(4);
}
