/** A million SYNs from a million sources. */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { CLIENT, exchange, MILLISECOND, nanoseconds, SERVER } from '../../lab/kernel/kernel.js';
import { PATIENCE } from '../../lab/until.js';

jest.setTimeout(180_000 * PATIENCE);

const SLICES = 200;
const SYNS = 5_000;
const INTERVAL = 100n * MILLISECOND;
const RTT = 7n * MILLISECOND;

let kernel: DrivenKernel;
beforeEach(() => {
  kernel = new DrivenKernel({ includeLocal: true });
});
afterEach(() => kernel.close());

/** So many SYNs of sources that were not seen before. */
function flood(slice: number): void {
  kernel.drive({ first: slice * SYNS, count: SYNS, what: WHAT.syn, identifier: slice + 1 });
}

test('neither displaces an established flow nor costs it a sample', async () => {
  kernel.at(0n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 0 });
  kernel
    .at(RTT)
    .ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 1, tsecr: 10, seq: 0, ack: 1 });
  kernel.egress(CLIENT, SERVER, { tsval: 11, tsecr: 1, seq: 1, ack: 1 });
  expect(nanoseconds(kernel.rtts())).toEqual([RTT]);

  for (let slice = 0; slice < SLICES; slice++) {
    const sent = BigInt(slice + 1) * INTERVAL;
    kernel.at(sent);
    flood(slice);
    exchange(kernel, { sent, answered: sent + RTT }, { tsval: 100 + slice, seq: 1 + 100 * slice });
  }
  expect(nanoseconds(kernel.rtts())).toEqual(Array(SLICES).fill(RTT));
  const { flows, flowsDeleted } = await kernel.sweep();
  expect([flows, flowsDeleted]).toEqual([1, 0]);
  expect(kernel.counters()).toMatchObject({ handshake: SLICES * SYNS + 2, flowMapFull: 0 });
});

test('nor costs it a new connection its handshake, while the embryos have room', () => {
  for (let slice = 0; slice < 20; slice++) flood(slice);
  kernel.at(0n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 0 });
  flood(20);
  kernel
    .at(RTT)
    .ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 1, tsecr: 10, seq: 0, ack: 1 });
  flood(21);
  kernel.at(RTT + 1n).egress(CLIENT, SERVER, { tsval: 11, tsecr: 1, seq: 1, ack: 1 });
  expect(nanoseconds(kernel.rtts())).toEqual([RTT, 1n]);
});
