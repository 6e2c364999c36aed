/** Why another tool takes a segment for another sign of losses than pping does: told from the segments alone. */
import { distance, type Segment, segmentsOf } from '../packets/segments.js';
import { type Marked, marksOf } from './loss-marks.js';
import type { LossMark } from './tshark.js';

/** In the words of docs/accuracy.md. */
export const LOSS_REASONS = {
  same: 'the same',
  tsval: 'retransmitted or reordered: its TSval decides, tshark goes by time and duplicate ACKs',
  time: 'retransmitted or reordered, without a TSval that decides: other time limits',
  window: 'a duplicate ACK with SACK and another window: RFC 6675 asks for no equal windows',
  first: 'the first duplicate ACK of a row, without SACK',
  idle: 'a duplicate ACK where all that was sent had been acknowledged',
  overtaken: 'a duplicate ACK that a greater one had overtaken: RFC 5681 asks for the greatest',
  handshake: 'a retransmitted SYN or SYN-ACK, which counts once the handshake is over',
  leftOut: 'comes after the end of its connection, or is not believed',
  unexplained: 'unexplained',
} as const;
export type LossReason = keyof typeof LOSS_REASONS;

const NOT_GOING_ON: readonly LossMark[] = ['retransmission', 'out_of_order'];
const COMPARED: readonly LossMark[] = [...NOT_GOING_ON, 'duplicate_ack', 'zero_window'];

interface Judged {
  /** As tshark and Wireshark number them. */
  readonly frame: number;
  readonly reason: LossReason;
  readonly theirs: readonly LossMark[];
  readonly mine: readonly LossMark[];
}

export class LossReasons {
  /** Of which one of the two says anything. */
  readonly all: readonly Judged[];
  readonly #segments: readonly Segment[];
  readonly #marked: readonly Marked[];
  readonly #theirs: readonly ReadonlySet<LossMark>[];

  constructor(capture: Buffer, theirs: readonly ReadonlySet<LossMark>[]) {
    this.#segments = segmentsOf(capture);
    this.#marked = marksOf(capture, this.#segments);
    this.#theirs = theirs;
    if (theirs.length !== this.#segments.length) throw new Error('not the same capture');
    this.all = this.#segments.flatMap((_, index) => this.#judge(index));
  }

  of(reason: LossReason): readonly Judged[] {
    return this.all.filter((each) => each.reason === reason);
  }

  /** Data that does not go on where its direction had ended, of connections that have not ended. */
  get notGoingOn(): { theirs: number; mine: number } {
    const believed = this.all.filter(({ reason }) => !['leftOut', 'handshake'].includes(reason));
    const count = (of: 'theirs' | 'mine') =>
      believed.filter((each) => each[of].some((mark) => NOT_GOING_ON.includes(mark))).length;
    return { theirs: count('theirs'), mine: count('mine') };
  }

  #judge(index: number): Judged[] {
    const theirs = COMPARED.filter((mark) => this.#theirs[index]?.has(mark));
    const mine = COMPARED.filter((mark) => this.#marked[index]?.marks.has(mark));
    if (theirs.length + mine.length === 0) return [];
    return [{ frame: index + 1, reason: this.#reasonOf(index, theirs, mine), theirs, mine }];
  }

  #reasonOf(index: number, theirs: readonly LossMark[], mine: readonly LossMark[]): LossReason {
    if (theirs.join() === mine.join()) return 'same';
    if (this.#marked[index]?.isLeftOut) return 'leftOut';
    if (this.#isOfHandshake(index)) return 'handshake';
    const segment = this.#segment(index);
    if (mine[0] === 'duplicate_ack' && theirs.length === 0) {
      return segment.hasSack && this.#isOtherWindow(index) ? 'window' : 'unexplained';
    }
    if (theirs[0] === 'duplicate_ack' && mine.length === 0) {
      if (!this.#isAwaited(index)) return 'idle';
      if (this.#isOvertaken(index)) return 'overtaken';
      return !segment.hasSack && this.#isFirstOfRow(index) ? 'first' : 'unexplained';
    }
    const both = [theirs, mine].every(([mark]) => mark && NOT_GOING_ON.includes(mark));
    if (!both) return 'unexplained';
    const newer = this.#newerThanBehind(index);
    if (newer === 0) return 'time';
    return newer > 0 === (mine[0] === 'retransmission') ? 'tsval' : 'unexplained';
  }

  /** A SYN, or the first segment after those of its connection. */
  #isOfHandshake(index: number): boolean {
    const { way, back, isSyn } = this.#segment(index);
    const isOther = (each: Segment) => each.way === way || each.way === back;
    return isSyn || this.#segments.slice(0, index).findLast(isOther)?.isSyn === true;
  }

  /** Than the TSval of the first segment that is behind it in sequence: above 0 was sent after that. */
  #newerThanBehind(index: number): number {
    const { way, seq, tsval } = this.#segment(index);
    const behind = this.#segments.find(
      (each, at) => at < index && each.way === way && !each.isSyn && distance(each.seq, seq) > 0,
    );
    if (tsval === undefined || behind?.tsval === undefined) return 0;
    return Math.sign(distance(tsval, behind.tsval));
  }

  #isOtherWindow(index: number): boolean {
    return this.#before(index)?.window !== this.#segment(index).window;
  }

  /** Whether the other end had sent more than it acknowledges. */
  #isAwaited(index: number): boolean {
    const { back, ack = 0 } = this.#segment(index);
    return this.#segments.some(
      (each, at) =>
        at < index && each.way === back && distance((each.seq + each.length) | 0, ack) > 0,
    );
  }

  /** Whether its end had acknowledged more before: they came out of order. */
  #isOvertaken(index: number): boolean {
    const { way, ack = 0 } = this.#segment(index);
    return this.#segments.some(
      (each, at) =>
        at < index && each.way === way && each.ack !== undefined && distance(each.ack, ack) > 0,
    );
  }

  /** Nothing before it has repeated its acknowledgement without data. */
  #isFirstOfRow(index: number): boolean {
    const { way, ack } = this.#segment(index);
    const repeated = this.#segments.filter(
      (each, at) => at < index && each.way === way && each.ack === ack && each.length === 0,
    );
    return repeated.length <= 1;
  }

  #before(index: number): Segment | undefined {
    const { way } = this.#segment(index);
    return this.#segments.findLast((each, at) => at < index && each.way === way);
  }

  #segment(index: number): Segment {
    const segment = this.#segments[index];
    if (segment === undefined) throw new Error(`no segment ${index}`);
    return segment;
  }
}
