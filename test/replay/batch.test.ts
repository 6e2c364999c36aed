/** Rows of the table of packets are what the core takes them for: CAPTURED_PACKET. */
import { expect, test } from '@jest/globals';
import { CAPTURED_PACKET, HOOK } from '../../src/core/layouts.js';
import { Batch, PACKET_WORDS } from '../../src/replay/batch.js';

const ROWS = 3;
const UNTOUCHED = 0xeeee_eeee;

/** What of the row is where, by the layout. */
function fieldsOf(words: Uint32Array, row: number) {
  const view = new DataView(words.buffer, row * CAPTURED_PACKET.size, CAPTURED_PACKET.size);
  const word = (offset: number) => view.getUint32(offset, true);
  return {
    data: word(CAPTURED_PACKET.data),
    captured: word(CAPTURED_PACKET.captured),
    length: word(CAPTURED_PACKET.length),
    timeHigh: word(CAPTURED_PACKET.timeHigh),
    timeLow: word(CAPTURED_PACKET.timeLow),
    interface: view.getUint16(CAPTURED_PACKET.interface, true),
    hook: view.getUint8(CAPTURED_PACKET.hook),
    toThisHost: view.getUint8(CAPTURED_PACKET.toThisHost),
    segments: word(CAPTURED_PACKET.segments),
  };
}

const PACKET = {
  data: 0x0102_0304,
  captured: 0x60,
  length: 0x1234_5678,
  timeHigh: 0xfedc_ba98,
  timeLow: 0x7654_3210,
  interface: 0xabcd,
  hook: HOOK.unknown,
  toThisHost: 0,
  segments: 0,
};

function filled() {
  const words = new Uint32Array(ROWS * PACKET_WORDS).fill(UNTOUCHED);
  const batch = new Batch(() => words);
  batch.add(1, 1, 1, 1, 1, 1);
  const { data, captured, length, timeHigh, timeLow } = PACKET;
  batch.add(data, captured, length, timeHigh, timeLow, PACKET.interface);
  return { words, batch };
}

test('a packet fills its row, and no other', () => {
  const { words, batch } = filled();
  expect(batch.count).toBe(2);
  expect(fieldsOf(words, 1)).toEqual(PACKET);
  expect([...words.subarray(2 * PACKET_WORDS)]).toEqual(Array(PACKET_WORDS).fill(UNTOUCHED));
});

test('the whole packet is never shorter than what was captured of it', () => {
  const { words, batch } = filled();
  batch.add(1, 0x60, 0x40, 1, 1, 1);
  expect(fieldsOf(words, 2)).toMatchObject({ captured: 0x60, length: 0x60 });
});

test.each([
  [{ hook: HOOK.egress, toThisHost: false, segments: 1 }, 0],
  [{ hook: HOOK.ingress, toThisHost: true, segments: 44 }, 1],
])('%j is noted of the packet that was added last', (marks, toThisHost) => {
  const { words, batch } = filled();
  const before = fieldsOf(words, 0);
  batch.mark(marks);
  expect(fieldsOf(words, 1)).toEqual({ ...PACKET, ...marks, toThisHost });
  expect(fieldsOf(words, 0)).toEqual(before);
});

test('bytes that have been moved are found', () => {
  const { words, batch } = filled();
  batch.shift(0x10);
  expect(fieldsOf(words, 1)).toEqual({ ...PACKET, data: PACKET.data + 0x10 });
  expect([batch.firstByte(0), batch.firstByte(1)]).toEqual([0x11, PACKET.data + 0x10]);
});
