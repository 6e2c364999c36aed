import { describe, expect, test } from '@jest/globals';
import {
  ORIGINAL,
  ORIGINAL_EVENT,
  ORIGINAL_STATE,
  OWNER,
  OWNER_EVENT,
  OWNER_PID,
} from '../../src/core/layouts.js';
import { AttributionView } from '../../src/events/attribution-view.js';
import {
  DEST,
  flowRecord,
  originalRecord,
  ownerRecord,
  type Record,
  rttRecord,
  SRC,
} from '../helpers/core/records.js';

const view = new AttributionView();
const read = ({ view: bytes, size }: Record) => view.at(bytes, 0, size);

describe('an owner', () => {
  test('is read whole', () => {
    expect(read(ownerRecord())).toMatchObject({
      type: 'owner',
      cgroup: 0x1_0000_0007n,
      socketCookie: 0xffff_ffff_ffff_fff0n,
      uid: 0xffff_fffe,
      pid: 1_234,
      listenerPid: 0,
      comm: 'a b"c',
      srcAddress: SRC,
      destAddress: DEST,
    });
  });

  test('may have who listens in the place of the process', () => {
    const record = ownerRecord().u32(OWNER_EVENT.owner + OWNER.pid, OWNER_PID.listens + 1_234);
    expect(read(record)).toMatchObject({ pid: 0, listenerPid: 1_234, comm: 'a b"c' });
  });

  test.each([
    ['sixteen bytes, without an end', Buffer.from('0123456789abcdef'), '0123456789abcdef'],
    ['nothing', Buffer.alloc(16), ''],
    ['UTF-8', Buffer.from('gr\u00fcn\0'), 'gr\u00fcn'],
    ['what is none', Buffer.from([0x61, 0xff, 0]), 'a\ufffd'],
  ])('has a name of %s', (_, bytes, comm) => {
    const record = ownerRecord();
    record.bytes.set(bytes, OWNER_EVENT.owner + OWNER.comm);
    expect(read(record)).toMatchObject({ comm });
  });
});

describe('ends before NAT', () => {
  test('are read whole', () => {
    expect(read(originalRecord())).toMatchObject({
      type: 'original',
      originalSrcAddress: DEST,
      originalSrcPort: 41_822,
      originalDestAddress: SRC,
      originalDestPort: 8_080,
      isDisputed: false,
    });
  });

  test('may be disputed', () => {
    const record = originalRecord().u32(
      ORIGINAL_EVENT.original + ORIGINAL.state,
      ORIGINAL_STATE.disputed,
    );
    expect(read(record)).toMatchObject({ isDisputed: true });
  });
});

test.each([
  ['an RTT', rttRecord()],
  ['a flow event', flowRecord()],
])('%s is not one of these', (_, record) => expect(read(record)).toBeUndefined());

test.each([
  ['cut off', 1],
  ['shorter than any header', OWNER_EVENT.size - 8],
])('a record %s is not one of these', (_, missing) => {
  const { view: bytes, size } = ownerRecord();
  expect(view.at(bytes, 0, size - missing)).toBeUndefined();
});
