/** What the core takes each segment of a capture for: asked one by one. */
import type { Counters } from '../../../src/core/counters.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../../src/sampling/policy.js';
import { Replica } from '../core/replica.js';
import { PCAP_RECORD } from '../packets/captures.js';
import type { Segment } from '../packets/segments.js';
import type { LossMark } from './tshark.js';

const COUNTED = [
  ['retransmittedPackets', 'retransmission'],
  ['reorderedPackets', 'out_of_order'],
  ['duplicateAcks', 'duplicate_ack'],
  ['zeroWindows', 'zero_window'],
] as const satisfies readonly (readonly [keyof Counters, LossMark])[];
/** It was not believed, or came after the end of its connection. */
const LEFT_OUT = ['lingering', 'implausibleTsval', 'outOfWindow'] as const;

export interface Marked {
  readonly marks: ReadonlySet<LossMark>;
  readonly isLeftOut: boolean;
}

/** One for each segment; none is merged. */
export function marksOf(capture: Buffer, segments: readonly Segment[]): Marked[] {
  const settings = { ...DEFAULT_SETTINGS, rate: 0n, includeLocal: true };
  const replica = new Replica(settings, 'ethernet', DEFAULT_CAPACITY);
  let before = replica.counters();
  return segments.map(({ record, time }) => {
    const captured = capture.readUInt32LE(record + 8);
    const frame = Buffer.alloc(capture.readUInt32LE(record + 12));
    capture.copy(frame, 0, record + PCAP_RECORD, record + PCAP_RECORD + captured);
    replica.show('unknown', frame, time, { captured });
    replica.events();
    const after = replica.counters();
    const has = (name: keyof Counters) => after[name] > before[name];
    const marks = new Set(COUNTED.filter(([name]) => has(name)).map(([, mark]) => mark));
    const isLeftOut = LEFT_OUT.some(has);
    before = after;
    return { marks, isLeftOut };
  });
}
