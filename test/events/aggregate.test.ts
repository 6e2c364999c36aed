/** Bytes of the core -> an aggregate. */
import { expect, test } from '@jest/globals';
import { LITTLE } from '../../src/core/endianness.js';
import {
  AGGREGATE,
  AGGREGATE_KEY,
  AGGREGATE_OWNER,
  AGGREGATE_SHAPE,
  PROTOCOL,
} from '../../src/core/layouts.js';
import { middleOf, readAggregate } from '../../src/events/aggregate.js';
import { ipv4 } from '../helpers/events/events.js';

/** Behind something else, as in a batch. */
const AT = 8;

function keyOf({
  side = 1,
  ipVersion = 4,
  owner = 0,
  protocol = PROTOCOL.tcp as number,
} = {}): DataView {
  const view = new DataView(new ArrayBuffer(AT + AGGREGATE_KEY.size));
  new Uint8Array(view.buffer).set(ipv4('192.0.2.0'), AT + AGGREGATE_KEY.prefix);
  view.setUint8(AT + AGGREGATE_KEY.ipVersion, ipVersion);
  view.setUint8(AT + AGGREGATE_KEY.side, side);
  view.setUint8(AT + AGGREGATE_KEY.owner, owner);
  view.setUint8(AT + AGGREGATE_KEY.protocol, protocol);
  return view;
}

function countsOf(fields: Partial<Record<keyof typeof AGGREGATE, bigint>>): DataView {
  const view = new DataView(new ArrayBuffer(AT + AGGREGATE.size));
  for (const [name, value] of Object.entries(fields)) {
    view.setBigUint64(AT + AGGREGATE[name as keyof typeof AGGREGATE], value, LITTLE);
  }
  return view;
}

function count(view: DataView, bucket: number, times: number): void {
  view.setUint32(AT + AGGREGATE.buckets + 4 * bucket, times, LITTLE);
}

const FIELDS = { reported: 6n, samples: 9n, sum: 2n ** 60n + 1n, overdue: 2n, most: 2n ** 40n };

test('all of it is read, with the buckets that have something in them', () => {
  const value = countsOf({ ...FIELDS, least: 700n });
  value.setUint32(AT + AGGREGATE.place, 7, LITTLE);
  for (const index of [0, 1, 2, 3]) {
    value.setBigUint64(AT + AGGREGATE.sent + 8 * index, BigInt(11 + index), LITTLE);
    value.setBigUint64(AT + AGGREGATE.rec + 8 * index, BigInt(21 + index), LITTLE);
  }
  const { buckets: all, parts } = AGGREGATE_SHAPE;
  count(value, 0, 1);
  count(value, 1, 2);
  count(value, 1 + parts, 1);
  count(value, all - 2, 1);
  count(value, all - 1, 1);
  expect(readAggregate(keyOf(), AT, value, AT)).toEqual({
    side: 'behind',
    protocol: 'TCP',
    network: { address: ipv4('192.0.2.0'), ipVersion: 4 },
    owner: undefined,
    place: 7,
    isOthers: false,
    reported: 6,
    samples: 9,
    sum: 2n ** 60n + 1n,
    least: 700,
    most: 2 ** 40,
    overdue: 2,
    sent: { packets: 11, bytes: 12, retransmittedPackets: 13, retransmittedBytes: 14 },
    rec: { packets: 21, bytes: 22, retransmittedPackets: 23, retransmittedBytes: 24 },
    buckets: [
      [0, 1],
      [1_024, 2],
      [2_048, 1],
      [(2 ** 36 / 64) * 63, 1],
      [2 ** 36, 1],
    ],
  });
});

test('a least that was not lowered by all CPUs hides no bucket', () => {
  const value = countsOf({ reported: 2n, least: 4_096n });
  count(value, 1, 1);
  count(value, 1 + 2 * AGGREGATE_SHAPE.parts, 1);
  expect(readAggregate(keyOf(), AT, value, AT)?.buckets).toEqual([
    [1_024, 1],
    [4_096, 1],
  ]);
});

test('where nothing was counted there is none', () => {
  expect(readAggregate(keyOf(), AT, countsOf({}), AT)).toBeUndefined();
  const overdue = readAggregate(keyOf(), AT, countsOf({ overdue: 1n }), AT);
  expect(overdue).toMatchObject({ overdue: 1, reported: 0, buckets: [] });
});

test('of the others, and where no networks are told apart, there is no network', () => {
  const value = countsOf({ overdue: 1n });
  const key = keyOf({ ipVersion: 0, owner: AGGREGATE_OWNER.others, side: 2 });
  const others = { isOthers: true, owner: undefined, network: undefined, side: 'unknown' };
  expect(readAggregate(key, AT, value, AT)).toMatchObject(others);
});

test('a side that is none is refused', () => {
  const value = countsOf({ overdue: 1n });
  expect(() => readAggregate(keyOf({ side: 3 }), AT, value, AT)).toThrow('an aggregate of side 3');
});

test('its protocol is read, and one that is not known is refused', () => {
  const value = countsOf({ overdue: 1n });
  const read = (protocol: number) => readAggregate(keyOf({ protocol }), AT, value, AT);
  expect(read(PROTOCOL.icmpv6)).toMatchObject({ protocol: 'ICMPv6' });
  expect(() => read(17)).toThrow('an aggregate of protocol 17');
});

test('the middle of a bucket is within it', () => {
  expect(middleOf(0)).toBe(512);
  expect(middleOf(1_024)).toBe(1_040);
  expect(middleOf(1_048_576)).toBe(1_064_960);
  expect(middleOf(2 ** 36)).toBe(2 ** 36);
});
