/**
 * What of each RTT was the path, and what the answering end: it is in two captures by one clock, at
 * both ends. The path is the way of what was asked to the other end, and that of the answer back.
 */
import type { Asked } from '../core/asked.js';
import { distance, type Segment } from '../packets/segments.js';

/** Segments of one end by direction, in the order of time. */
export class Passing {
  readonly #ways = new Map<string, Segment[]>();

  constructor(segments: readonly Segment[]) {
    for (const segment of segments) {
      const known = this.#ways.get(segment.way);
      if (known) known.push(segment);
      else this.#ways.set(segment.way, [segment]);
    }
  }

  /** When the first byte of what was sent at `sent.time` has arrived here: one of the very same transmission. */
  arrivalOf(sent: Segment, least: bigint): bigint | undefined {
    return this.#of(sent.way).find(
      (each) => each.time >= sent.time + least && each.tsval === sent.tsval && covers(each, sent),
    )?.time;
  }

  /** When what has arrived elsewhere at `received.time` was sent here. */
  departureOf(received: Segment, least: bigint): bigint | undefined {
    return this.#of(received.way).findLast(
      (each) =>
        each.time <= received.time - least &&
        each.tsval === received.tsval &&
        each.ack === received.ack &&
        covers(each, received),
    )?.time;
  }

  #of(way: string): readonly Segment[] {
    return this.#ways.get(way) ?? [];
  }
}

/** In nanoseconds; undefined where one of the two was not seen at the other end. */
export function pathOf(
  { question, answer }: Asked,
  other: Passing,
  least: bigint,
): number | undefined {
  const arrived = other.arrivalOf(question, least);
  const departed = other.departureOf(answer, least);
  if (arrived === undefined || departed === undefined) return undefined;
  return Number(arrived - question.time + (answer.time - departed));
}

/** TCP may have cut one into several. */
function covers(whole: Segment, part: Segment): boolean {
  const [from, behind] = [distance(part.seq, whole.seq), distance(whole.seq, part.seq)];
  return from === 0 || (from > 0 && from < whole.length) || (behind > 0 && behind < part.length);
}
