/** With a filter by owner: what is counted and told of segments that came before the owner of an accepted connection was known. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type HookName, MILLISECOND, START } from '../../lab/kernel/kernel.js';
import type { End, Segment } from '../../lab/kernel/packets.js';
import type { KernelEvent } from '../../src/events/types.js';
import { OwnedKernel } from '../helpers/kernel/opened.js';

const CLIENT: End = { address: '203.0.113.9', port: 5_555 };
const SERVER: End = { address: '192.0.2.1', port: 8_080 };
const PID = 4_242;
const [SYN, SYN_ACK] = [1_000, 5_000];
const [FIRST, SECOND, ANSWER] = [100, 200, 50];
const REQUEST = FIRST + SECOND;

let kernel: OwnedKernel;
beforeAll(() => {
  kernel = new OwnedKernel({ rate: 0n, includeLocal: true }, true);
});
afterEach(() => kernel.forget());
afterAll(() => kernel.close());

function show(hook: HookName, from: End, to: End, segment: Segment): void {
  kernel.at(kernel.now - START + MILLISECOND)[hook](from, to, segment);
}

const fromClient = (segment: Segment) => show('ingress', CLIENT, SERVER, segment);

/** The handshake and a request of two segments. */
function ask(back: HookName): void {
  fromClient({ flags: ['SYN'], seq: SYN, tsval: 1, tsecr: 0 });
  const accepted = { flags: ['SYN', 'ACK'], seq: SYN_ACK, ack: SYN + 1 } as const;
  show(back, SERVER, CLIENT, { ...accepted, tsval: 11, tsecr: 1 });
  const next = { seq: SYN + 1, ack: SYN_ACK + 1 };
  fromClient({ ...next, payload: FIRST, tsval: 2, tsecr: 11 });
  fromClient({ ...next, seq: next.seq + FIRST, payload: SECOND, tsval: 3, tsecr: 11 });
}

/** The answer, which shows whose socket it is; then the client's acknowledgement, and its end. */
function answer(back: HookName): void {
  const [seq, ack] = [SYN_ACK + 1, SYN + 1 + REQUEST];
  show(back, SERVER, CLIENT, { seq, ack, payload: ANSWER, tsval: 12, tsecr: 3 });
  const next = { seq: ack, ack: seq + ANSWER, tsecr: 12 };
  fromClient({ ...next, tsval: 4 });
  fromClient({ ...next, flags: ['FIN', 'ACK'], tsval: 5 });
}

function carried(event: KernelEvent): unknown {
  if (event.type === 'overdue' || event.type === 'dns') return event.type;
  const { type, srcPort, sentPackets, sentBytes, recPackets, recBytes } = event;
  const of = { sent: [sentPackets, sentBytes], received: [recPackets, recBytes] };
  return { what: type === 'flow' ? event.change : type, srcPort, ...of };
}

test('of one that was asked for the first flight is withheld, and then counted whole', () => {
  kernel.note({ end: 'accepted', own: SERVER, peer: CLIENT, pid: PID, synSeq: SYN, isn: SYN_ACK });
  ask('egress');
  expect(kernel.told()).toEqual({ owners: [], events: [] });
  answer('egress');
  const { owners, events } = kernel.told();
  expect(owners.map(({ pid }) => pid)).toEqual([PID]);
  expect(events.map(carried)).toEqual([
    { what: 'opening', srcPort: CLIENT.port, sent: [1, 0], received: [3, REQUEST] },
    { what: 'rtt', srcPort: SERVER.port, sent: [3, REQUEST], received: [2, ANSWER] },
    { what: 'rtt', srcPort: CLIENT.port, sent: [2, ANSWER], received: [4, REQUEST] },
    { what: 'closing', srcPort: CLIENT.port, sent: [2, ANSWER], received: [5, REQUEST] },
  ]);
  expect(kernel.counters()).toMatchObject({ filtered: 0 });
});

test('of one that is nobody\'s who was asked for nothing is told, and what follows is "filtered"', () => {
  const before = kernel.counters();
  // At one hook: what a test shows to egress has a socket that is none.
  ask('ingress');
  expect(kernel.counters()).toMatchObject({ handshake: before.handshake + 2, filtered: 0 });
  answer('ingress');
  expect(kernel.told()).toEqual({ owners: [], events: [] });
  expect(kernel.counters()).toMatchObject({ handshake: before.handshake + 2, filtered: 3 });
});
