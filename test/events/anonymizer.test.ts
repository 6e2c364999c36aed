/** Whatever a view shows of an address is what stands for it. */
import { expect, test } from '@jest/globals';
import { EVENT_HEADER } from '../../src/core/layouts.js';
import { addressOrderOf } from '../../src/events/address-order.js';
import { destOf, srcOf } from '../../src/events/addresses.js';
import { AttributionView } from '../../src/events/attribution-view.js';
import { copyOf } from '../../src/events/decode.js';
import { PerFlow } from '../../src/events/per-flow.js';
import { isWithinHost } from '../../src/events/same-host.js';
import { RecordView } from '../../src/events/view.js';
import {
  DEST,
  flowRecord,
  originalRecord,
  overdueRecord,
  rttRecord,
  SRC,
} from '../helpers/core/records.js';

const NOTHING = new Uint8Array(16);
/** All hosts are one. */
const anonymizer = {
  addressOf: () => NOTHING,
  networkOf: () => ({ address: NOTHING, ipVersion: 6 as const }),
};

test.each([
  ['rtt', rttRecord],
  ['flow', flowRecord],
  ['overdue', overdueRecord],
])('of an %s event both ends', (_, record) => {
  const { view, size } = record();
  const event = new RecordView(anonymizer).at(view, 0, size);
  for (const each of [event, copyOf(event)]) {
    expect(each).toMatchObject({ srcAddress: NOTHING, destAddress: NOTHING });
    expect([srcOf(each), destOf(each)]).toEqual([NOTHING, NOTHING]);
  }
});

test('of ends before NAT all four', () => {
  const { view, size } = originalRecord();
  const event = new AttributionView(anonymizer).at(view, 0, size);
  const originals = { originalSrcAddress: NOTHING, originalDestAddress: NOTHING };
  expect(event).toMatchObject({ srcAddress: NOTHING, destAddress: NOTHING, ...originals });
});

test('two hosts that are told alike are not taken for one', () => {
  const { view, size } = rttRecord();
  const event = new RecordView(anonymizer).at(view, 0, size);
  for (const each of [event, copyOf(event)]) {
    expect(addressOrderOf(each)).toBe(-1);
    expect(isWithinHost(each)).toBe(false);
  }
});

test('directions of a flow of equal ports are told apart', () => {
  const made: number[] = [];
  const perFlow = new PerFlow(() => made.push(0));
  const view = new RecordView(anonymizer);
  for (const [src, dest] of [
    [SRC, DEST],
    [DEST, SRC],
    [SRC, DEST],
  ] as const) {
    const record = rttRecord().u16(EVENT_HEADER.srcPort, 179).u16(EVENT_HEADER.destPort, 179);
    record.bytes.set(src, EVENT_HEADER.src);
    record.bytes.set(dest, EVENT_HEADER.dest);
    perFlow.of(view.at(record.view, 0, record.size));
  }
  expect(made).toHaveLength(2);
});

test('an address that is only looked at is found once for each direction of a flow', () => {
  const asked: Uint8Array[] = [];
  const counting = {
    ...anonymizer,
    addressOf: (address: Uint8Array) => {
      asked.push(address);
      return Uint8Array.from(address).reverse();
    },
  };
  const view = new RecordView(counting);
  const reversed = (address: Uint8Array) => Uint8Array.from(address).reverse();
  for (const [src, dest] of [
    [SRC, DEST],
    [DEST, SRC],
    [SRC, DEST],
    [DEST, SRC],
  ] as const) {
    const [srcPort, destPort] = src === SRC ? [443, 50_000] : [50_000, 443];
    const record = rttRecord()
      .u16(EVENT_HEADER.srcPort, srcPort)
      .u16(EVENT_HEADER.destPort, destPort);
    record.bytes.set(src, EVENT_HEADER.src);
    record.bytes.set(dest, EVENT_HEADER.dest);
    const event = view.at(record.view, 0, record.size);
    expect([srcOf(event), destOf(event)].map((each) => [...each])).toEqual(
      [reversed(src), reversed(dest)].map((each) => [...each]),
    );
  }
  expect(asked).toHaveLength(4);
});
