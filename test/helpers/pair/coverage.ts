/** How many RTTs there were to be had: what an observer with the truth would call clear. */
import type { Log } from './log.js';
import { isBeyond, lengthOf, type Passage, passagesAt, type Side } from './segment.js';
import { firstAnswer, firstPassage, isAnswer } from './truth.js';

const MOST_OVERTAKING = 20;

/** Of what a side has sent, the passages through a vantage point that give an exact RTT for certain. */
export function clearOnes(log: Log, place: number, sender: Side): Passage[] {
  let connection = 0;
  let [tsval, next] = [0, 0];
  const passages = log.places[place]?.[sender] ?? [];
  return passages.filter((passage) => {
    const { segment } = passage;
    if (!passage.isCaptured || lengthOf(segment) === 0 || !segment.hasTimestamp) return false;
    const end = segment.seq + lengthOf(segment);
    const isFirst = segment.connection > connection;
    if (segment.connection < connection) return false;
    connection = segment.connection;
    // The first with its TSval, and of data that has not been seen yet.
    const isNew = isFirst || (isBeyond(segment.tsval, tsval) && !isBeyond(next, segment.seq));
    if (isFirst || isBeyond(segment.tsval, tsval)) tsval = segment.tsval;
    if (isFirst || isBeyond(end, next)) next = end;
    return isNew && isClear(log, passage);
  });
}

/** It got to the peer, was sent once, and its answer passed, later by the capture's clock. */
function isClear(log: Log, passage: Passage): boolean {
  const { segment } = passage;
  const answer = firstPassage(firstAnswer(log, passage), passage.place);
  if (!answer?.isCaptured || answer.seen <= passage.seen) return false;
  if (passagesAt(segment, passage.place).length > 1 || log.copiesOf(segment).length > 1)
    return false;
  // What was missing before it would make the answer late.
  const delivery = log.deliveryOf(segment);
  if (delivery && delivery.by !== segment) return false;
  return !isOvertaken(log, passage, answer);
}

/** Whether another that acknowledges the data passed before its first answer. */
function isOvertaken(
  log: Log,
  { segment, time, place }: Passage,
  { segment: first, time: passed }: Passage,
): boolean {
  let left = MOST_OVERTAKING;
  for (const each of log.sentAfter(first.from, first.connection, first.order)) {
    if (left-- === 0) break;
    const isEarlier = passagesAt(each, place).some(
      (passage) => passage.time >= time && passage.time <= passed,
    );
    if (isEarlier && isAnswer(each, segment)) return true;
  }
  return false;
}
