/** Who pays where flows are many: those that anyone can make. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Kernel, MILLISECOND, nanoseconds, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import type { End } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

const ENTRIES = 64;
/** bpf/core/assured.h */
const MOST_ONE_WAY = ENTRIES - (ENTRIES / 8) * 3;
const MOST_UNASSURED = ENTRIES - ENTRIES / 4;
const RTT = 20n * MILLISECOND;

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n }, 'ethernet', { flows: ENTRIES, timestamps: ENTRIES });
});
afterEach(() => kernel.close());

const stranger = (number: number): End => ({ address: '10.9.0.1', port: 1000 + number });
const client = (number: number): End => ({ address: '10.0.0.1', port: 1000 + number });

/** Data in one direction, from a tuple of its own. */
function shout(number: number, more: object = {}): void {
  kernel.ingress(stranger(number), SERVER, { tsval: 5, tsecr: 1, payload: 10, ...more });
}

/** A handshake, and nothing after it; the ends count from 100 and 900, and on. */
function shake(from: End, on = 0): void {
  const [seq, ack] = [100 + on, 900 + on];
  kernel.ingress(from, SERVER, { flags: ['SYN'], tsval: 5, seq });
  kernel.egress(SERVER, from, {
    flags: ['SYN', 'ACK'],
    tsval: 7,
    tsecr: 5,
    seq: ack,
    ack: seq + 1,
  });
  kernel.ingress(from, SERVER, { tsval: 6, tsecr: 7, seq: seq + 1, ack: ack + 1 });
}

/** An exchange that gives an RTT: the nth after such a handshake. */
function live(from: End, nth: number, at: bigint, on = 0): void {
  const [seq, ack] = [901 + on + 100 * nth, 101 + on];
  kernel.at(at).egress(SERVER, from, { tsval: 10 + nth, tsecr: 6, seq, ack, payload: 100 });
  const answer = { tsval: 20 + nth, tsecr: 10 + nth, seq: ack, ack: seq + 100 };
  kernel.at(at + RTT).ingress(from, SERVER, answer);
}

const swept = async () => {
  const { flows, flowsDeleted, flowsWaiting, flowsUnassured } = await kernel.sweep();
  return { flows: flows - flowsDeleted, flowsWaiting, flowsUnassured };
};

test('a flood of one direction leaves room to handshakes, a flood of these to what is assured', async () => {
  for (let n = 0; n < 2 * ENTRIES; n++) shout(n);
  expect(await swept()).toMatchObject({ flows: MOST_ONE_WAY, flowsUnassured: MOST_ONE_WAY });
  expect(kernel.counters().flowMapFull).toBe(2 * ENTRIES - MOST_ONE_WAY);
  for (let n = 0; n < 2 * ENTRIES; n++) shake(client(n));
  expect(await swept()).toMatchObject({ flows: MOST_UNASSURED, flowsWaiting: MOST_ONE_WAY });
});

test('an answer assures a flow: it makes room for another, and is not forgotten with the crowd', async () => {
  for (let n = 0; n < 8; n++) shake(client(n));
  for (let n = 0; n < 8; n++) live(client(n), 0, 0n);
  for (let n = 0; n < 2 * ENTRIES; n++) shout(n);
  expect(await swept()).toEqual({
    flows: 8 + MOST_ONE_WAY,
    flowsWaiting: MOST_ONE_WAY,
    flowsUnassured: MOST_ONE_WAY,
  });
  kernel.at(2n * SECOND);
  expect(await swept()).toEqual({
    flows: 8,
    flowsWaiting: 0,
    flowsUnassured: 0,
  });
  kernel.rtts();
  for (let n = 0; n < 8; n++) live(client(n), 1, 100n * SECOND);
  expect(nanoseconds(kernel.rtts())).toEqual(Array(8).fill(RTT));
  expect(kernel.events()).toEqual([]);
});

test('tombstones go at once where it is crowded', async () => {
  for (let n = 0; n < MOST_UNASSURED; n++) {
    shake(client(n));
    kernel.ingress(client(n), SERVER, { flags: ['RST'], seq: 101, options: Buffer.alloc(0) });
  }
  kernel.at(2n * SECOND);
  expect(await swept()).toMatchObject({ flows: 0 });
});

test('what is deleted makes room, however it ends', async () => {
  for (let round = 0; round < 5; round++) {
    const at = BigInt(round) * 1000n * SECOND;
    kernel.at(at);
    for (let n = 0; n < ENTRIES; n++) shake(client(n));
    expect(await swept()).toMatchObject({ flows: MOST_UNASSURED });
    // Anew on the same ports, and assured this time, as far as there is room.
    for (let n = 0; n < 10; n++) {
      kernel.ingress(client(n), SERVER, { flags: ['RST'], seq: 101, options: Buffer.alloc(0) });
      shake(client(n), 5000);
      live(client(n), 0, at, 5000);
    }
    expect(await swept()).toMatchObject({
      flows: MOST_UNASSURED,
      flowsUnassured: MOST_UNASSURED - 10,
    });
    kernel.at(at + 900n * SECOND);
    expect(await swept()).toMatchObject({ flows: 0, flowsUnassured: 0 });
  }
});

test('a flow of one direction has its slot, and never room in the timestamp map', async () => {
  for (let n = 0; n < 10; n++) shout(0, { tsval: 5 + n, seq: 1000 + 10 * n });
  const { timestamps, slots } = await kernel.sweep();
  expect({ timestamps, slots }).toEqual({ timestamps: 1, slots: 1 });
  expect(kernel.counters()).toMatchObject({ remembered: 1, rateLimited: 8 });
});
