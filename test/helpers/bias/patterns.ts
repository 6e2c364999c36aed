/** How applications send: when each segment of a long run leaves. */
import { Random } from '../../../lab/random.js';
import { scaled } from '../pair/draw.js';

export const SECOND = 1_000_000_000;
const MILLISECOND = 1_000_000;

/** Of one size, so that the bottleneck takes as long for each. */
export interface Pattern {
  readonly name: string;
  /** In nanoseconds, ascending. */
  readonly times: (end: number) => Iterable<number>;
  /** The receiver acknowledges every so many segments. */
  readonly ackEvery: number;
}

export const PATTERNS: readonly Pattern[] = [
  { name: 'bursts of 20, five a second', times: bursts(20, 200 * MILLISECOND), ackEvery: 2 },
  { name: 'bursts of 5, ten a second', times: bursts(5, 100 * MILLISECOND), ackEvery: 1 },
  { name: 'bulk, as the window grows and halves', times: bulk, ackEvery: 2 },
  { name: 'request and response', times: requests, ackEvery: 1 },
  { name: 'sparse: one every three seconds', times: bursts(1, 3 * SECOND), ackEvery: 1 },
  { name: 'two seconds on, one off', times: onOff, ackEvery: 2 },
  { name: 'video: 150 segments every two seconds', times: chunks, ackEvery: 2 },
];

/** Of sizes from 1 to 300 segments: nobody's average. */
export const PAGES: Pattern = { name: 'pages of 1 to 300 segments', times: pages, ackEvery: 2 };

/** Back to back, as a fast link sends them. */
const APART = 100_000;

function bursts(size: number, every: number): (end: number) => Iterable<number> {
  return function* times(end) {
    for (let at = 0; at < end; at += every) {
      for (let segment = 0; segment < size; segment++) yield at + segment * APART;
    }
  };
}

/** What keeps between 20 and 60 segments in flight where 17 fill the path: a saw of three seconds. */
function* bulk(end: number): Iterable<number> {
  const service = 1_200_000;
  for (let at = 0; at < end; ) {
    const inTooth = (at % (3 * SECOND)) / (3 * SECOND);
    // In the first tenth, after the window has halved, it waits for the queue to drain.
    const pace = inTooth < 0.1 ? 0.05 : 1.1;
    yield at;
    at += Math.round(service / pace);
  }
}

function* requests(end: number): Iterable<number> {
  const random = new Random(1);
  for (let at = 0; at < end; at += 50 * MILLISECOND + random.below(100 * MILLISECOND)) yield at;
}

/** A third more than the bottleneck takes: the queue grows while it lasts. */
function* onOff(end: number): Iterable<number> {
  for (let at = 0; at < end; at += 3 * SECOND) {
    for (let within = 0; within < 2 * SECOND; within += 1_140_000) yield at + within;
  }
}

/** Paced at twice of what the bottleneck takes, as slow start does. */
function* chunks(end: number): Iterable<number> {
  for (let at = 0; at < end; at += 2 * SECOND) {
    for (let segment = 0; segment < 150; segment++) yield at + segment * 600_000;
  }
}

function* pages(end: number): Iterable<number> {
  const random = new Random(2);
  for (let at = 0; at < end; at += 300 * MILLISECOND + random.below(SECOND)) {
    const size = scaled(random, 1, 300);
    for (let segment = 0; segment < size; segment++) yield at + segment * APART;
  }
}
