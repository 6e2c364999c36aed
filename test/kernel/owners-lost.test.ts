/** What is found out of an owner after its flow's last event, where there is no room to tell of it: that is counted. */
import { afterEach, expect, test } from '@jest/globals';
import { CLIENT, type Kernel, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import type { End } from '../../lab/kernel/packets.js';
import { UnownedFlows } from '../../src/maps/unowned-flows.js';
import { OwnedKernel } from '../helpers/kernel/opened.js';

const PID = 1_234;
/** What 215 events of a flow leave of it, of 152 bytes each, is too small for one of an owner. */
const SIZES = { events: 32_768 };

class Owned extends OwnedKernel {
  readonly unowned = new UnownedFlows(this.object, (walk) => walk());
}

let kernel: Owned;
afterEach(() => kernel.close());

/** In mid-stream. */
function meet(here: End, there: End): void {
  kernel.egress(here, there, { seq: 1_000, ack: 5_000, payload: 100, tsval: 10, tsecr: 7 });
  kernel.ingress(there, here, { seq: 5_000, ack: 1_100, payload: 30, tsval: 20, tsecr: 10 });
}

/** @returns how many events have found no room since, once there is none */
function fill(): () => number {
  for (let port = 1; port < 300; port++) meet({ ...CLIENT, port }, SERVER);
  const lost = (of: Kernel) => of.counters().flowEventsLost;
  const before = lost(kernel);
  expect(before).toBeGreaterThan(0);
  return () => lost(kernel) - before;
}

test('of a connection whose socket was searched', async () => {
  kernel = new Owned({}, false, SIZES);
  meet(CLIENT, SERVER);
  const [flow] = await kernel.unowned.list();
  if (!flow) throw new Error('nothing is listed');
  expect(kernel.told().events).toMatchObject([{ change: 'opening' }]);
  const lost = fill();
  const owner = {
    ...{ cookie: 5n, cgroup: 77n, uid: 33, pid: PID, started: 1n },
    commBytes: Buffer.from('nginx'),
  };
  await kernel.unowned.decide([
    { flow, is: 'owned', end: flow.ports[0] === CLIENT.port ? 0 : 1, owner },
  ]);
  expect(lost()).toBe(1);
  expect(kernel.told().owners).toEqual([]);
});

test('of one that its client closes before the server has sent anything', () => {
  kernel = new Owned({ rate: 0n }, false, SIZES);
  const [synSeq, isn] = [999, 4_999];
  kernel.note({ end: 'accepted', synSeq, isn, own: SERVER, peer: CLIENT, pid: PID });
  const client = (at: bigint, segment: object) => kernel.at(at).ingress(CLIENT, SERVER, segment);
  const server = (at: bigint, segment: object) => kernel.at(at).egress(SERVER, CLIENT, segment);
  client(0n, { flags: ['SYN'], seq: synSeq, tsval: 1 });
  server(100n, { flags: ['SYN', 'ACK'], seq: isn, ack: 1_000, tsval: 7, tsecr: 1 });
  client(200n, { seq: 1_000, ack: 5_000, tsval: 2, tsecr: 7 });
  client(300n, { flags: ['FIN', 'ACK'], seq: 1_000, ack: 5_000, tsval: 3, tsecr: 7 });
  const { owners, events } = kernel.told();
  expect(owners).toEqual([]);
  expect(events.at(-1)).toMatchObject({ change: 'closing' });
  const lost = fill();
  server(SECOND, { seq: 5_000, ack: 1_001, tsval: 8, tsecr: 3 });
  expect(lost()).toBe(1);
  expect(kernel.told().owners).toEqual([]);
});

test('of one whose other end cannot be found: once, however often it is tried', () => {
  kernel = new Owned({ rate: 0n }, false, SIZES);
  const [synSeq, isn] = [999, 4_999];
  kernel.note({ end: 'connected', synSeq, isn: synSeq, own: CLIENT, peer: SERVER, pid: PID });
  const here = { toThisHost: true };
  const client = (at: bigint, segment: object) =>
    kernel.at(at).ingress(CLIENT, SERVER, segment, here);
  const server = (at: bigint, segment: object) => kernel.at(at).egress(SERVER, CLIENT, segment);
  client(0n, { flags: ['SYN'], seq: synSeq, tsval: 1 });
  server(100n, { flags: ['SYN', 'ACK'], seq: isn, ack: 1_000, tsval: 7, tsecr: 1 });
  client(200n, { seq: 1_000, ack: 5_000, tsval: 2, tsecr: 7 });
  expect(kernel.told().owners).toEqual([]);
  const lost = fill();
  client(300n, { flags: ['FIN', 'ACK'], seq: 1_000, ack: 5_000, tsval: 3, tsecr: 7 });
  expect(lost()).toBe(1); // its closing
  for (const step of [1n, 2n, 3n, 4n])
    server(step * SECOND, {
      seq: 5_000 + Number(step),
      payload: 1,
      ack: 1_001,
      tsval: 8,
      tsecr: 3,
    });
  expect(lost()).toBe(2);
  kernel.told();
  server(5n * SECOND, { seq: 5_005, payload: 1, ack: 1_001, tsval: 8, tsecr: 3 });
  expect(kernel.told().owners).toMatchObject([{ pid: PID }]);
  expect(lost()).toBe(2);
});
