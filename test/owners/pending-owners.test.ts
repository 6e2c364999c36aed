import { beforeEach, expect, test } from '@jest/globals';
import type { KernelEvent } from '../../src/events/types.js';
import { PendingOwners } from '../../src/owners/pending-owners.js';
import { flowEvent, rttEvent } from '../helpers/events/events.js';

const LONGEST_MS = 250;
const MOST_HELD = 16_384;

let now: number;
let awaited: Set<number>;
let pending: PendingOwners;

beforeEach(() => {
  now = 1_000;
  awaited = new Set([7, 8]);
  pending = new PendingOwners({ isAwaited: (flowId) => awaited.has(flowId), clock: () => now });
});

const opening = (flowId: number, reason: 'SYN-ACK' | 'first observed packet' = 'SYN-ACK') =>
  flowEvent({ flowId, change: 'opening', reason });
const closing = (flowId: number) => flowEvent({ flowId, change: 'closing', reason: 'FIN' });
const rtt = (flowId: number, value = 1_000) => rttEvent({ flowId, rtt: value });
const told = (events: readonly KernelEvent[]) =>
  events.map((event) => [event.flowId, event.type === 'flow' ? event.change : event.type]);

test('what follows an opening waits for the owner, and comes in order', () => {
  expect(pending.accept(opening(7))).toEqual([]);
  expect(pending.accept(rtt(7))).toEqual([]);
  expect(told(pending.accept(rtt(9)))).toEqual([[9, 'rtt']]);
  expect(told(pending.release(7))).toEqual([
    [7, 'opening'],
    [7, 'rtt'],
  ]);
  expect(told(pending.accept(rtt(7)))).toEqual([[7, 'rtt']]);
  expect(pending.release(7)).toEqual([]);
});

test('it keeps what an event said: its place is used again', () => {
  const event = rtt(7, 5);
  pending.accept(opening(7));
  pending.accept(event);
  Object.assign(event, { rtt: 6 });
  expect(pending.release(7)[1]).toMatchObject({ rtt: 5 });
});

test('nothing waits whose owner is known, or that was not seen to be opened', () => {
  expect(told(pending.accept(opening(9)))).toEqual([[9, 'opening']]);
  expect(told(pending.accept(opening(7, 'first observed packet')))).toEqual([[7, 'opening']]);
  expect(told(pending.accept(rtt(8)))).toEqual([[8, 'rtt']]);
});

test.each(['QUIC', 'ICMP'] as const)('nothing waits of %s, which never has one', (protocol) => {
  pending = new PendingOwners({ isAwaited: () => true, areEarlierSought: () => true });
  const event = { ...opening(7), protocol };
  expect(pending.accept(event)).toEqual([event]);
});

test('one that was met in mid-stream waits as long as its socket is about to be looked for', () => {
  let areEarlierSought = true;
  const isAwaited = (flowId: number) => awaited.has(flowId);
  pending = new PendingOwners({ isAwaited, areEarlierSought: () => areEarlierSought });
  expect(pending.accept(opening(7, 'first observed packet'))).toEqual([]);
  expect(told(pending.accept(opening(9, 'first observed packet')))).toEqual([[9, 'opening']]);
  areEarlierSought = false;
  expect(told(pending.accept(opening(8, 'first observed packet')))).toEqual([[8, 'opening']]);
  expect(pending.accept(rtt(7))).toEqual([]);
  expect(told(pending.release(7))).toEqual([
    [7, 'opening'],
    [7, 'rtt'],
  ]);
});

test('what ends before its owner is known waits as well', () => {
  pending.accept(opening(7));
  expect(pending.accept(closing(7))).toEqual([]);
  expect(told(pending.release(7))).toEqual([
    [7, 'opening'],
    [7, 'closing'],
  ]);
  expect(pending.all()).toEqual([]);
});

test(`nothing waits for more than ${LONGEST_MS} ms`, () => {
  pending.accept(opening(7));
  now += 100;
  pending.accept(opening(8));
  pending.accept(rtt(7));
  now += LONGEST_MS - 101;
  expect(pending.expired()).toEqual([]);
  now += 1;
  expect(told(pending.expired())).toEqual([
    [7, 'opening'],
    [7, 'rtt'],
  ]);
  now += 100;
  expect(told(pending.expired())).toEqual([[8, 'opening']]);
});

test('at the end all is told', () => {
  for (const flowId of [7, 8]) pending.accept(opening(flowId));
  expect(told(pending.all())).toEqual([
    [7, 'opening'],
    [8, 'opening'],
  ]);
  expect(pending.all()).toEqual([]);
});

test('so many wait at most, of all flows together', () => {
  pending.accept(opening(7));
  for (let held = 1; held < MOST_HELD; held++) pending.accept(rtt(7));
  expect(told(pending.accept(opening(8)))).toEqual([[8, 'opening']]);
  pending.release(7);
  expect(pending.accept(opening(8))).toEqual([]);
});
