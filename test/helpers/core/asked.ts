/** The RTTs that a replay reports, as what was asked and what answered: two segments of its capture. */
import type { RttEvent } from '../../../src/events/types.js';
import { distance, type Segment } from '../packets/segments.js';
import { epochOf } from './replayed.js';

export interface Asked {
  readonly question: Segment;
  readonly answer: Segment;
  readonly rtt: number;
  readonly handshake: boolean;
}

const MAPPED = '00000000000000000000ffff';

/** Throws where one of the two is not in the capture: then the RTT is made up. */
export function askedIn(segments: readonly Segment[], rtts: readonly RttEvent[]): Asked[] {
  const at = new Map(segments.map((segment) => [keyOf(segment.way, segment.time), segment]));
  const find = (way: string, time: bigint) => {
    const segment = at.get(keyOf(way, time));
    if (segment === undefined) throw new Error(`no segment ${way} at ${time}`);
    return segment;
  };
  return rtts.map((event) => {
    const answered = epochOf(event);
    const back = wayOf(event);
    const answer = find(back, answered);
    const question = find(answer.back, answered - BigInt(event.rtt));
    return { question, answer, rtt: event.rtt, handshake: event.handshake };
  });
}

/** What the answer's echo says of the question: RFC 7323, 4.3. Of segments with timestamps. */
export function echoOf({ question, answer }: Asked): 'same' | 'older' | 'newer' {
  const newer = distance(answer.tsecr ?? Number.NaN, question.tsval ?? Number.NaN);
  return newer === 0 ? 'same' : newer > 0 ? 'newer' : 'older';
}

function keyOf(way: string, time: bigint): string {
  return `${way} ${time}`;
}

/** From the responder. */
function wayOf({ srcAddress, srcPort, destAddress, destPort }: RttEvent): string {
  return `${hex(srcAddress)}.${srcPort} > ${hex(destAddress)}.${destPort}`;
}

function hex(address: Uint8Array): string {
  const digits = Buffer.from(address).toString('hex');
  return digits.startsWith(MAPPED) ? digits.slice(MAPPED.length) : digits;
}
