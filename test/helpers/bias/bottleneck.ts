/** One connection through one queue: 10 Mbit/s, 20 ms there and back, and what a monitor before the queue measures. */
import type { Segment } from '../pair/segment.js';
import { Watch } from '../pair/watch.js';
import { type Pattern, SECOND } from './patterns.js';

const HALF_PATH = 10_000_000;
const SERVICE = 1_200_000;
const BYTES = 1_000;
/** A receiver does not wait for the second segment for longer. */
const DELAYED_ACK = 40_000_000;
const START = 1_000 * SECOND;

// See lab/random.ts.
const { floor, max } = Math;

export interface Measured {
  /** Ascending, in nanoseconds. */
  readonly rtts: number[];
  /** When the data was sent. */
  readonly sent: number[];
}

interface Monitor {
  /** In nanoseconds; 0 = every identifier. */
  readonly rate: bigint;
  /** Of the sender's TSvals, in nanoseconds. */
  readonly tick: number;
}

interface Packet {
  readonly time: number;
  readonly segment: Segment;
}

/** What is true of each segment of a pattern that is sent for so long: the time to the first acknowledgement. */
export function truthOf(pattern: Pattern, seconds: number): Measured {
  const measured: Measured = { rtts: [], sent: [] };
  const unanswered: Segment[] = [];
  for (const { time, segment } of packets(pattern, seconds * SECOND, SECOND)) {
    if (segment.payload > 0) unanswered.push(segment);
    while (segment.from === 1 && unanswered[0] && unanswered[0].seq < segment.ack) {
      const { sent } = unanswered.shift() as Segment;
      measured.rtts.push(time - sent);
      measured.sent.push(sent);
    }
  }
  return ascending(measured);
}

/** And what the core tells of it. */
export async function measure(
  pattern: Pattern,
  seconds: number,
  monitor: Monitor,
): Promise<Measured> {
  const watch = new Watch();
  watch.set({ rate: monitor.rate });
  for (const { time, segment } of packets(pattern, seconds * SECOND, monitor.tick)) {
    if (watch.add(0, segment, START + time, 0)) await watch.process();
  }
  await watch.process();
  // Those of the handshake are none of data.
  const ofData = watch.take().filter((each) => each.sender === 0 && each.seen - each.rtt > START);
  return ascending({
    rtts: ofData.map(({ rtt }) => rtt),
    sent: ofData.map(({ seen, rtt }) => seen - rtt - START),
  });
}

function ascending({ rtts, sent }: Measured): Measured {
  return { rtts: rtts.sort((a, b) => a - b), sent };
}

const BEGIN = SECOND;

/** In the order of their passing. An acknowledgement answers all that was sent when it passes, or some of it. */
function* packets(pattern: Pattern, end: number, tick: number): Iterable<Packet> {
  const base = { payload: 0, tick };
  const tsecr = tsval(0, tick);
  yield at(0, { ...base, from: 0, flags: 2, seq: 0, ack: 0, tsecr: 0 });
  yield at(2 * HALF_PATH, { ...base, from: 1, flags: 18, seq: 0, ack: 1, tsecr });
  yield at(2 * HALF_PATH + 1_000, { ...base, from: 0, flags: 16, seq: 1, ack: 1, tsecr });
  const acks: Packet[] = [];
  for (const packet of conversation(pattern, end, tick)) {
    if (packet.segment.from === 1) {
      acks.push(packet);
      continue;
    }
    while (acks[0] && acks[0].time <= packet.time) yield acks.shift() as Packet;
    yield packet;
  }
  yield* acks;
}

/** Data in the order of its being sent, and acknowledgements in theirs. */
function* conversation(pattern: Pattern, end: number, tick: number): Iterable<Packet> {
  let [free, seq, waiting, first, since] = [0, 1, 0, 0, 0];
  const acknowledge = (arrived: number) => {
    waiting = 0;
    const said = { from: 1, flags: 16, seq: 1, ack: seq, payload: 0, tsecr: first, tick } as const;
    return at(arrived + HALF_PATH, said);
  };
  for (const time of pattern.times(end)) {
    const sent = BEGIN + time;
    const arrived = max(free, sent + HALF_PATH) + SERVICE;
    if (waiting > 0 && since + DELAYED_ACK < arrived) yield acknowledge(since + DELAYED_ACK);
    yield at(sent, { from: 0, flags: 16, seq, ack: 1, payload: BYTES, tsecr: 1, tick });
    free = arrived;
    seq += BYTES;
    if (waiting === 0) [first, since] = [tsval(sent, tick), free];
    waiting++;
    if (waiting === pattern.ackEvery) yield acknowledge(free);
  }
}

interface Sent extends Pick<Segment, 'from' | 'flags' | 'seq' | 'ack' | 'payload' | 'tsecr'> {
  readonly tick: number;
}

function at(time: number, { tick, ...said }: Sent): Packet {
  const rest = { window: 65_535, hasTimestamp: true, isAgain: false, connection: 0, order: 0 };
  return {
    time,
    segment: { ...said, ...rest, tsval: tsval(time, tick), sent: time, passages: [] },
  };
}

function tsval(time: number, tick: number): number {
  return 1 + floor(time / tick);
}
