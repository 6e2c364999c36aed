/** Bytes of the core -> an aggregate of DNS queries. */
import { expect, test } from '@jest/globals';
import { LITTLE } from '../../src/core/endianness.js';
import { AGGREGATE, AGGREGATE_KEY, DNS_COUNTS, PROTOCOL } from '../../src/core/layouts.js';
import { readAggregate } from '../../src/events/aggregate.js';

/** Behind something else, as in a batch. */
const AT = 8;

function keyOf(): DataView {
  const view = new DataView(new ArrayBuffer(AT + AGGREGATE_KEY.size));
  view.setUint8(AT + AGGREGATE_KEY.protocol, PROTOCOL.dns);
  return view;
}

function countsOf({ reported = 0, overdue = 0, ambiguous = 0, rcodes = [0, 0, 0, 0, 0, 0] }) {
  const view = new DataView(new ArrayBuffer(AT + AGGREGATE.size));
  const wide = (field: number, value: number) =>
    view.setBigUint64(AT + field, BigInt(value), LITTLE);
  wide(AGGREGATE.reported, reported);
  wide(AGGREGATE.overdue, overdue);
  const narrow = (field: number, value: number) =>
    view.setUint32(AT + AGGREGATE.dns + field, value, LITTLE);
  narrow(DNS_COUNTS.ambiguous, ambiguous);
  narrow(DNS_COUNTS.truncated, 4);
  for (const [code, value] of rcodes.entries()) narrow(DNS_COUNTS.rcodes + 4 * code, value);
  return view;
}

test('what is in none of the codes is NOERROR', () => {
  const value = countsOf({ reported: 30, overdue: 7, ambiguous: 3, rcodes: [1, 2, 3, 4, 5, 6] });
  const aggregate = readAggregate(keyOf(), AT, value, AT);
  expect(aggregate).toMatchObject({
    ...{ protocol: 'DNS', reported: 30, unanswered: 7, ambiguous: 3, truncated: 4 },
  });
  expect(aggregate && 'rcodes' in aggregate && [...aggregate.rcodes]).toEqual([
    ['NOERROR', 9],
    ['FORMERR', 2],
    ['SERVFAIL', 3],
    ['NXDOMAIN', 4],
    ['NOTIMP', 5],
    ['REFUSED', 6],
    ['other', 1],
  ]);
  expect(aggregate).not.toHaveProperty('sent');
  expect(aggregate).not.toHaveProperty('samples');
});

test('there is one where nothing was answered, and none where nothing was counted', () => {
  const read = (counts: Parameters<typeof countsOf>[0]) =>
    readAggregate(keyOf(), AT, countsOf(counts), AT);
  expect(read({ overdue: 1 })).toMatchObject({ reported: 0, unanswered: 1, rcodes: new Map() });
  expect(read({ ambiguous: 1 })).toMatchObject({ reported: 0, ambiguous: 1 });
  expect(read({})).toBeUndefined();
});
