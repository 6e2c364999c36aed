/** A view says what a copy says, where the record is, and nothing is allocated for it. */
import { describe, expect, test } from '@jest/globals';
import { destOf, srcOf } from '../../src/events/addresses.js';
import { decode } from '../../src/events/decode.js';
import type { KernelEvent, Losses, Traffic } from '../../src/events/types.js';
import { RecordView, UndecodableRecord } from '../../src/events/view.js';
import { flowRecord, rttRecord } from '../helpers/core/records.js';

/** The fields of the copy, and of what is in it, read from the view. */
function fieldsOf(view: KernelEvent, copy: KernelEvent): Record<string, unknown> {
  const names = Object.keys(copy) as (keyof KernelEvent)[];
  const fields = Object.fromEntries(names.map((name) => [name, view[name]]));
  const { sentLosses, recLosses } = fields as unknown as Traffic;
  return { ...fields, sentLosses: lossesOf(sentLosses), recLosses: lossesOf(recLosses) };
}

function lossesOf(losses: Losses): Losses {
  const { retransmittedPackets, retransmittedBytes } = losses;
  const { reorderedPackets, duplicateAcks, zeroWindows } = losses;
  return { retransmittedPackets, retransmittedBytes, reorderedPackets, duplicateAcks, zeroWindows };
}

test.each([
  ['rtt', rttRecord],
  ['flow', flowRecord],
])('of an %s record', (_, record) => {
  const { view: bytes, size } = record();
  const copy = decode(bytes, 0, size);
  expect(fieldsOf(new RecordView().at(bytes, 0, size), copy)).toEqual(copy);
});

describe('it is reused', () => {
  test('for each kind', () => {
    const view = new RecordView();
    const [one, other] = [rttRecord(), rttRecord()];
    const first = view.at(one.view, 0, one.size);
    expect(view.at(other.view, 0, other.size)).toBe(first);
    const flow = flowRecord();
    expect(view.at(flow.view, 0, flow.size)).not.toBe(first);
  });

  test('but not for a record that cannot be', () => {
    const { view: bytes, size } = rttRecord();
    expect(() => new RecordView().at(bytes, 0, size - 1)).toThrow(UndecodableRecord);
  });
});

describe('addresses for less than a copy', () => {
  const { view: bytes, size } = rttRecord();
  const event = new RecordView().at(bytes, 0, size);
  const { srcAddress, destAddress } = decode(bytes, 0, size);

  test('are those of the copy, whatever is copied meanwhile', () => {
    const [src, dest] = [srcOf(event), destOf(event)];
    expect([event.destAddress, event.srcAddress]).toEqual([destAddress, srcAddress]);
    expect([src, dest]).toEqual([srcAddress, destAddress]);
  });

  test('are not made anew', () => {
    expect(srcOf(event)).toBe(srcOf(event));
    expect(event.srcAddress).not.toBe(event.srcAddress);
  });
});
