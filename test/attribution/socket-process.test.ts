/** Processes that have a socket open, and which of them is its owner. */
import { describe, expect, test } from '@jest/globals';
import {
  ownerOf,
  readSocketProcess,
  type SocketProcess,
} from '../../src/attribution/socket-process.js';
import { LITTLE } from '../../src/core/endianness.js';
import { SOCKET_OWNER } from '../../src/core/layouts.js';

/** As the C struct lies in memory, with `comm` as the kernel has it: whatever bytes. */
function record(comm: Buffer): Buffer {
  const bytes = Buffer.alloc(SOCKET_OWNER.size);
  if (LITTLE) {
    bytes.writeBigUInt64LE(0xfedc_ba98_7654_3210n, SOCKET_OWNER.cookie);
    bytes.writeBigUInt64LE(1_234_567_890_123n, SOCKET_OWNER.started);
    bytes.writeUInt32LE(4_194_303, SOCKET_OWNER.pid);
  } else {
    bytes.writeBigUInt64BE(0xfedc_ba98_7654_3210n, SOCKET_OWNER.cookie);
    bytes.writeBigUInt64BE(1_234_567_890_123n, SOCKET_OWNER.started);
    bytes.writeUInt32BE(4_194_303, SOCKET_OWNER.pid);
  }
  comm.copy(bytes, SOCKET_OWNER.comm);
  return bytes;
}

test('a record is read where it lies among others', () => {
  const bytes = Buffer.concat([
    Buffer.alloc(SOCKET_OWNER.size, 0xee),
    record(Buffer.from('nginx\0')),
  ]);
  expect(readSocketProcess(bytes, SOCKET_OWNER.size)).toEqual({
    cookie: 0xfedc_ba98_7654_3210n,
    started: 1_234_567_890_123n,
    pid: 4_194_303,
    comm: 'nginx',
  });
});

test.each([
  ['nothing', '\0', ''],
  ['what is left of a longer one after its 0', 'sh\0systemd', 'sh'],
  ['spaces and quotes', `tmux: "it's"\0`, `tmux: "it's"`],
  ['all 16 bytes, without a 0', '0123456789abcdef', '0123456789abcdef'],
  ['UTF-8', 'données\0', 'données'],
])('comm: %s', (_, comm, expected) => {
  expect(readSocketProcess(record(Buffer.from(comm)), 0).comm).toBe(expected);
});

test('comm: what is no UTF-8, or was cut off in a character, is replaced', () => {
  const cut = Buffer.from('fourteen bytesé').subarray(0, 15);
  expect(readSocketProcess(record(cut), 0).comm).toBe('fourteen bytes\ufffd');
  expect(readSocketProcess(record(Buffer.from([0x61, 0xff, 0x62, 0])), 0).comm).toBe('a\ufffdb');
});

describe('the owner of a socket that several have open', () => {
  const socketProcess = (pid: number, started: bigint): SocketProcess => ({
    cookie: 7n,
    started,
    pid,
    comm: `p${pid}`,
  });
  const parent = socketProcess(5_000, 100n);
  /** Process ids have begun anew meanwhile. */
  const child = socketProcess(300, 200n);
  const init = socketProcess(1, 1n);

  test.each([
    ['was forked first, whatever its number', parent, child, parent],
    ['is not process 1', init, child, child],
    ['is process 1 where there is no other', init, init, init],
  ])('%s', (_, one, other, expected) => {
    expect(ownerOf(one, other)).toBe(expected);
    expect(ownerOf(other, one)).toBe(expected);
  });
});
