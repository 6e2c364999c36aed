import { expect, test } from '@jest/globals';
import { type Blind, BlindnessWatch } from '../../src/visibility/blindness.js';

/** What one interval adds. */
interface Step {
  readonly packets: number;
  readonly bytes?: number;
  readonly seen: number;
  readonly seenBytes?: number;
}

/** Of ingress, while nothing happens on egress. @returns what is judged after each interval */
function judged(steps: readonly Step[], watch = new BlindnessWatch()): Blind[][] {
  const sum = { packets: 5_000, bytes: 500_000, seen: 0, seenBytes: 0 };
  return [{ packets: 0, seen: 0 }, ...steps].map((step, second) => {
    const { packets, bytes = packets * 100, seen, seenBytes = seen * 100 } = step as Step;
    sum.packets += packets;
    sum.bytes += bytes;
    sum.seen += seen;
    sum.seenBytes += seenBytes;
    const quiet = { packets: 7, bytes: 700 };
    const carried = { egress: quiet, ingress: { packets: sum.packets, bytes: sum.bytes } };
    const counted = { egress: 0, ingress: sum.seen, bytes: sum.seenBytes };
    return watch.look(carried, counted, second * 1_000);
  });
}

function last(steps: readonly Step[]): Blind[] {
  return judged(steps).at(-1) ?? [];
}

const repeat = (number: number, step: Step) => Array<Step>(number).fill(step);

test('nothing seen of 10 packets a second: after four seconds, and not before', () => {
  const found = judged(repeat(5, { packets: 10, seen: 0 }));
  expect(found.map((blind) => blind.length)).toEqual([0, 0, 0, 0, 1, 1]);
  const counts = { seenPackets: 0, packets: 40, bytes: 4_000, seconds: 4 };
  expect(found[4]).toEqual([{ hook: 'ingress', ...counts }]);
});

test.each([
  ['all is seen', { packets: 10, seen: 10 }],
  ['nothing is carried', { packets: 0, seen: 0 }],
  ['there is too little to judge by', { packets: 9, seen: 0 }],
  // Measured: 794,120 packets of 1500 bytes as 19,662 (GRO).
  ['what is seen is merged', { packets: 198_530, bytes: 297e6, seen: 4_915, seenBytes: 287e6 }],
  // Measured: 2,104,039 packets with 200 bytes of payload as 38,200, most headers counted once.
  ['and has much of headers', { packets: 526_009, bytes: 126e6, seen: 9_550, seenBytes: 99e6 }],
  // 524,280 bytes at once.
  ['big TCP', { packets: 3_620, bytes: 5.5e6, seen: 10, seenBytes: 5.3e6 }],
])('%s: nothing to tell', (_, step) => {
  expect(judged(repeat(8, step)).flat()).toEqual([]);
});

test('under half of the bytes: it is told, whatever the packets', () => {
  const most = { packets: 1_000, bytes: 1.4e6, seen: 700, seenBytes: 0.5e6 };
  expect(last(repeat(4, most))).toMatchObject([{ hook: 'ingress', seenPackets: 2_800 }]);
});

test('less than one packet in a thousand is nothing', () => {
  const few = { packets: 1_000, bytes: 100_000, seen: 1, seenBytes: 60_000 };
  // Without the busiest interval there are 3,000 of them.
  expect(last([...repeat(3, few), { ...few, seen: 0 }])).toHaveLength(0);
  expect(last([few, ...repeat(3, { ...few, seen: 0 })])).toHaveLength(1);
});

test('what was carried before and is counted late is no reason', () => {
  const late = { packets: 100_000, bytes: 1e8, seen: 0 };
  const idle = { packets: 2, seen: 2 };
  expect(judged([idle, late, idle, idle, idle, idle]).flat()).toEqual([]);
});

test('an interface that counts only every other second is judged all the same', () => {
  const steps = [
    { packets: 200, seen: 0 },
    { packets: 0, seen: 0 },
  ];
  expect(last([...steps, ...steps])).toHaveLength(1);
});

test('counters that begin anew are not judged by', () => {
  const hidden = { packets: 50, seen: 0 };
  expect(last([hidden, hidden, { packets: -100, seen: 0 }, hidden])).toEqual([]);
});

test('after a restart it takes another four seconds', () => {
  const watch = new BlindnessWatch();
  const hidden = repeat(4, { packets: 10, seen: 0 });
  expect(judged(hidden, watch).at(-1)).toHaveLength(1);
  watch.restart();
  expect(judged(hidden, watch).map((blind) => blind.length)).toEqual([0, 0, 0, 0, 1]);
});
