/** What is drawn of each pair: how its path and its two TCPs behave. */
import type { Random } from '../../../lab/random.js';
import { chance, pick, scaled, start32 } from './draw.js';

export const MICROSECOND = 1_000;
export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;

/** One way, from an end to the vantage point or from there to the end. */
export interface StretchTraits {
  readonly delay: number;
  /** Added at random, without reordering. */
  readonly jitter: number;
  readonly dataLoss: number;
  readonly ackLoss: number;
  /** Whether a loss is likely to be followed by another. */
  readonly burstLoss: number;
  readonly reordering: number;
  readonly duplication: number;
}

export interface PathTraits {
  /** From the client to the first vantage point, from there to the next, and so on to the server. */
  readonly stretches: readonly [StretchTraits, StretchTraits, ...StretchTraits[]];
  /** From some time on all delays are so many times as long. */
  readonly change: { readonly after: number; readonly factor: number };
}

export interface EndTraits {
  readonly tick: number;
  /** TSval at time 0. */
  readonly tsvalStart: number;
  /** RFC 1323 updated TS.Recent by data only; 7323 by whatever is not beyond what was acknowledged. */
  readonly echo: 'rfc7323' | 'rfc1323';
  /**
   * Whether data that was received before updates TS.Recent: to the letter it does not, and on Linux it does where it
   * ends just where the last acknowledgement was.
   */
  readonly oldDataEchoed: 'never' | 'edge' | 'always';
  readonly mss: number;
  /** Whether it has the timestamp option. */
  readonly timestamps: boolean;
  /** What one super-packet may have. */
  readonly mostSegments: number;
  readonly delayedAck: number;
  readonly quickAcks: number;
  readonly leastRto: number;
  readonly firstRto: number;
  readonly recovery: 'goBackN' | 'single';
  readonly duplicateAcks: number;
  readonly tailLossProbe: boolean;
  /** 0 = none. */
  readonly keepalive: number;
  readonly keepaliveBytes: 0 | 1;
  /** How likely the application is to stop reading, at each delivery. */
  readonly stalls: number;
}

export interface Traits {
  readonly path: PathTraits;
  readonly ends: readonly [EndTraits, EndTraits];
  readonly fastOpen: boolean;
  /** A server may have what it says in its SYN-ACK. */
  readonly synAckData: boolean;
  readonly simultaneousOpen: boolean;
  readonly connections: number;
  /** What an application says at once. */
  readonly mostWritten: number;
  /** The capture begins so long after the pair; 0 = before. */
  readonly captureAfter: number;
  /** A RST from somebody else, out of window, in each connection. */
  readonly strayResets: boolean;
}

/** What a test wants of all pairs, instead of what would be drawn. */
export interface Wishes {
  readonly isPerfect?: boolean;
  readonly loss?: number;
  readonly tick?: number;
  readonly delay?: number;
  /** Segments and writes that take little. */
  readonly isSmall?: boolean;
  /** Whether both ends have TCP timestamps; default: yes. */
  readonly timestamps?: boolean;
  /** Whether both ends have keep-alives; default: few have. */
  readonly keepAlives?: boolean;
  /** Vantage points; default: one. */
  readonly places?: 1 | 2;
}

export function drawTraits(random: Random, wishes: Wishes = {}): Traits {
  const rare = (probability: number) => chance(random, probability);
  return {
    path: drawPath(random, wishes),
    ends: [drawEnd(random, wishes), drawEnd(random, wishes)],
    fastOpen: rare(0.15),
    synAckData: rare(0.3),
    simultaneousOpen: rare(0.04),
    connections: pick(random, 1, 1, 2, 3, 5),
    mostWritten: wishes.isSmall ? 800 : 60_000,
    captureAfter: rare(0.1) ? scaled(random, MILLISECOND, SECOND) : 0,
    strayResets: !wishes.isPerfect && rare(0.05),
  };
}

function drawPath(random: Random, wishes: Wishes): PathTraits {
  const delay = wishes.delay ?? scaled(random, 10 * MICROSECOND, 300 * MILLISECOND);
  const before = pick(random, 0, 1, random.below(1000) / 1000);
  const quality = drawQuality(random, wishes);
  const stretch = (share: number): StretchTraits => {
    const length = Math.max(MICROSECOND, Math.floor(delay * share));
    const jitter = Math.floor(length * quality.jitter);
    return { ...quality, delay: length, jitter };
  };
  const change = {
    after: scaled(random, 10 * MILLISECOND, 20 * SECOND),
    factor: chance(random, 0.3) ? pick(random, 0.5, 2, 4, 8) : 1,
  };
  if (wishes.places !== 2) return { stretches: [stretch(before), stretch(1 - before)], change };
  const between = (1 - before) * pick(random, 0, 0.5, 1);
  return { stretches: [stretch(before), stretch(between), stretch(1 - before - between)], change };
}

function drawQuality(random: Random, { isPerfect, loss }: Wishes): Omit<StretchTraits, 'delay'> {
  const none = { jitter: 0, dataLoss: 0, ackLoss: 0, burstLoss: 0, reordering: 0, duplication: 0 };
  if (isPerfect) return none;
  if (loss !== undefined) {
    return { ...none, dataLoss: loss, ackLoss: loss, reordering: pick(random, 0, 0, 0.02) };
  }
  return {
    jitter: pick(random, 0, 0.1, 0.5),
    dataLoss: pick(random, 0, 0, 0.005, 0.02, 0.05, 0.1),
    ackLoss: pick(random, 0, 0, 0.005, 0.02, 0.05, 0.1),
    burstLoss: pick(random, 0, 0, 0.5),
    reordering: pick(random, 0, 0, 0.01, 0.1),
    duplication: pick(random, 0, 0, 0, 0.01, 0.05),
  };
}

function drawEnd(random: Random, wishes: Wishes): EndTraits {
  const leastRto = pick(random, 200, 200, 200, 30, 5) * MILLISECOND;
  return {
    tick:
      wishes.tick ?? pick(random, MICROSECOND, MILLISECOND, 10 * MILLISECOND, 100 * MILLISECOND),
    tsvalStart: start32(random, 5_000),
    timestamps: wishes.timestamps ?? true,
    echo: pick(random, 'rfc7323', 'rfc7323', 'rfc7323', 'rfc1323'),
    oldDataEchoed: pick(random, 'never', 'edge', 'edge', 'always'),
    mss: wishes.isSmall ? 100 : pick(random, 1448, 1428, 536),
    mostSegments: pick(random, 1, 1, 4, 16),
    delayedAck: pick(random, 40, 40, 200, 0) * MILLISECOND,
    quickAcks: pick(random, 0, 4, 16),
    leastRto,
    firstRto: pick(random, SECOND, SECOND, 3 * SECOND, leastRto),
    recovery: pick(random, 'goBackN', 'single'),
    duplicateAcks: pick(random, 3, 3, 1),
    tailLossProbe: chance(random, 0.5),
    keepalive: chance(random, wishes.keepAlives ? 1 : 0.1)
      ? scaled(random, 100 * MILLISECOND, 5 * SECOND)
      : 0,
    keepaliveBytes: pick(random, 0, 1),
    stalls: chance(random, 0.1) ? 0.02 : 0,
  };
}
