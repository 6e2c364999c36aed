/** What has happened in a pair: that nothing which tests are about is missing. */
import { FLAG } from '../core/reading.js';
import type { Log } from './log.js';
import { isBeyond, lengthOf, type Passage, type Segment } from './segment.js';

export const HAPPENINGS = [
  'SYN sent again',
  'SYN-ACK sent again',
  'payload on a SYN',
  'payload on a SYN-ACK',
  'both open at once',
  'bare FIN',
  'FIN with data',
  'RST',
  'ports used again',
  'late packets of an earlier connection',
  'lost before the vantage point',
  'lost beyond it',
  'out of order',
  'twice',
  'sent again within a tick',
  'echo older than the data',
  'no window',
  'probe below what is acknowledged',
  'TSval wraps',
  'sequence numbers wrap',
  'met in mid-stream',
] as const;

export type Happening = (typeof HAPPENINGS)[number];
export type Happenings = Record<Happening, number>;

export function noHappenings(): Happenings {
  return Object.fromEntries(HAPPENINGS.map((each) => [each, 0])) as Happenings;
}

export function countHappenings(log: Log, to: Happenings): void {
  for (const side of [0, 1] as const) {
    for (const segment of log.sentBy(side)) countSent(log, segment, to);
    for (const place of log.places) countPassages(place[side], to);
  }
}

function countSent(log: Log, s: Segment, to: Happenings): void {
  const isSyn = (s.flags & FLAG.syn) > 0;
  const hasAck = (s.flags & FLAG.ack) > 0;
  const isFin = (s.flags & FLAG.fin) > 0;
  const count = (happening: Happening, holds: boolean) => {
    if (holds) to[happening]++;
  };
  count('SYN sent again', isSyn && !hasAck && s.isAgain);
  count('SYN-ACK sent again', isSyn && hasAck && s.isAgain);
  count('payload on a SYN', isSyn && !hasAck && s.payload > 0);
  count('payload on a SYN-ACK', isSyn && hasAck && s.payload > 0);
  count('both open at once', isSyn && !hasAck && s.from === 1);
  count('bare FIN', isFin && s.payload === 0);
  count('FIN with data', isFin && s.payload > 0);
  count('RST', (s.flags & FLAG.rst) > 0);
  count('ports used again', isSyn && !hasAck && s.connection > 1);
  count('lost before the vantage point', s.passages.length === 0);
  count(
    'lost beyond it',
    s.passages.some(({ arrival }) => arrival === 0),
  );
  count('twice', s.passages.filter(({ place }) => place === 0).length > 1);
  count('no window', hasAck && s.window === 0);
  count('probe below what is acknowledged', s.isAgain && s.flags === FLAG.ack && s.payload === 0);
  count('sequence numbers wrap', s.seq + lengthOf(s) > 2 ** 32);
  if (lengthOf(s) === 0) return;
  const isWithinTick = log
    .copiesOf(s)
    .some((each) => each.order < s.order && each.tsval === s.tsval);
  count('sent again within a tick', isWithinTick);
}

function countPassages(passages: readonly Passage[], to: Happenings): void {
  let before: Passage | undefined;
  let latest = 0;
  for (const passage of passages) {
    const { segment } = passage;
    const previous = before?.segment;
    if (previous && segment.order < previous.order) to['out of order']++;
    if (segment.connection < latest) to['late packets of an earlier connection']++;
    if (!passage.isCaptured && previous) to['met in mid-stream']++;
    if (previous && wraps(previous, segment)) to['TSval wraps']++;
    latest = Math.max(latest, segment.connection);
    before = passage;
  }
}

function wraps(previous: Segment, next: Segment): boolean {
  return isBeyond(next.tsval, previous.tsval) && next.tsval < previous.tsval;
}
