import { expect, test } from '@jest/globals';
import type { FlowEvent } from '../../src/events/types.js';
import { Coverage } from '../../src/summary/coverage.js';
import { peerKey } from '../../src/summary/peers.js';
import { flowEvent, ipv4 } from '../helpers/events/events.js';

const [CLIENT, SERVER, OTHER] = [1, 2, 3].map((last) => ipv4(`10.0.0.${last}`));
const ENDS = new Set([CLIENT, SERVER].map((address) => peerKey(address as Uint8Array, 4)));
const peer = (address = SERVER) => ({ address: address as Uint8Array, ipVersion: 4 as const });

/** From the client to the server, that many bytes both ways. */
const over = (bytes: number, overrides: Partial<FlowEvent> = {}) =>
  flowEvent({
    ...{ change: 'closing', reason: 'flow timeout', ipVersion: 4 },
    ...{ srcAddress: CLIENT as Uint8Array, destAddress: SERVER as Uint8Array },
    ...{ sentBytes: bytes, recBytes: 0 },
    ...overrides,
  });

function coverageOf(...events: readonly FlowEvent[]): Coverage {
  const coverage = new Coverage();
  for (const event of events) coverage.accept(event);
  return coverage;
}

test('flows without an RTT to a host are added up, with the reason of the most bytes', () => {
  const coverage = coverageOf(
    over(100, { unmeasuredDest: 'unanswered' }),
    over(300, { unmeasuredDest: 'nothing new' }),
    over(50, { unmeasuredDest: 'unanswered' }),
    over(7),
  );
  expect(coverage.of(peer())).toEqual({ flows: 3, bytes: 450, reason: 'nothing new' });
  expect(coverage.of(peer(CLIENT))).toBeUndefined();
});

test('protocols are told apart, and put together where none is asked for', () => {
  const coverage = coverageOf(
    over(100, { unmeasuredDest: 'unanswered', protocol: 'ICMP' }),
    over(50, { unmeasuredDest: 'ambiguous' }),
  );
  expect(coverage.of(peer(), 'ICMP')).toEqual({ flows: 1, bytes: 100, reason: 'unanswered' });
  expect(coverage.of(peer(), 'TCP')).toEqual({ flows: 1, bytes: 50, reason: 'ambiguous' });
  expect(coverage.of(peer(), 'ICMPv6')).toBeUndefined();
  expect(coverage.of(peer())).toEqual({ flows: 2, bytes: 150, reason: 'unanswered' });
  expect(coverage.unmeasured(() => false)).toMatchObject({ hosts: 1, flows: 2 });
});

test('a FIN is not the end: what comes after it decides', () => {
  const event = { unmeasuredDest: 'unanswered' } as const;
  expect(coverageOf(over(100, { ...event, reason: 'FIN' })).of(peer())).toBeUndefined();
  expect(coverageOf(over(100, { ...event, change: 'unmeasured' })).of(peer())).toMatchObject({
    flows: 1,
  });
});

test('an opening says nothing, and this machine is no gap', () => {
  const coverage = coverageOf(
    over(100, { change: 'opening', unmeasuredDest: 'no data' }),
    over(100, { unmeasuredDest: 'local' }),
  );
  expect(coverage.of(peer())).toBeUndefined();
});

test('of one direction it is the end that was not heard', () => {
  const ends = { unmeasuredSrc: 'one direction', unmeasuredDest: 'one direction' } as const;
  const coverage = coverageOf(over(100, { change: 'unmeasured', ...ends }));
  expect(coverage.of(peer(CLIENT))).toBeUndefined();
  expect(coverage.unmeasured(() => false)).toEqual({
    hosts: 1,
    forgotten: 0,
    flows: 1,
    bytes: 100,
    reason: 'one direction',
  });
});

test('hosts without any RTT are those that no flow was measured to', () => {
  const coverage = coverageOf(
    over(100, { unmeasuredDest: 'unanswered' }),
    over(20, { unmeasuredDest: 'unanswered', destAddress: OTHER as Uint8Array }),
    // Measured in another flow.
    over(20, { destAddress: OTHER as Uint8Array }),
    // It was only acknowledged.
    over(500, { unmeasuredSrc: 'no data', destAddress: OTHER as Uint8Array }),
  );
  const hosts = { hosts: 1, forgotten: 0, flows: 1, bytes: 100, reason: 'unanswered' };
  expect(coverage.unmeasured(() => false)).toEqual(hosts);
  expect(coverage.unmeasured(() => true)).toBeUndefined();
});

const NEITHER = { unmeasuredSrc: 'no spin', unmeasuredDest: 'no spin' } as const;

test('a flow without an RTT to either end counts once, and of each end by itself', () => {
  const coverage = coverageOf(
    over(100, NEITHER),
    over(50, {
      ...NEITHER,
      srcAddress: SERVER as Uint8Array,
      destAddress: CLIENT as Uint8Array,
    }),
    over(20, { ...NEITHER, destAddress: OTHER as Uint8Array }),
  );
  const sum = { flows: 3, bytes: 170, reason: 'no spin' };
  expect(coverage.unmeasured(() => false)).toMatchObject({ hosts: 3, ...sum });
  const server = peerKey(SERVER as Uint8Array, 4);
  expect(coverage.unmeasured((key) => key === server)).toMatchObject({ hosts: 2, ...sum });
  expect(coverage.of(peer())).toMatchObject({ flows: 2, bytes: 150 });
  expect(coverage.of(peer(CLIENT))).toMatchObject({ flows: 3, bytes: 170 });
});

test('of a host that was forgotten, what comes after counts', () => {
  const coverage = new Coverage(4);
  coverage.accept(over(100, NEITHER));
  for (let n = 0; n < 10; n++) {
    coverage.accept(over(1, { unmeasuredDest: 'unanswered', destAddress: ipv4(`10.0.1.${n}`) }));
  }
  expect(coverage.of(peer())).toBeUndefined();
  coverage.accept(over(30, NEITHER));
  const others = coverage.unmeasured((key) => !ENDS.has(key));
  expect(others).toMatchObject({ hosts: 2, flows: 1, bytes: 30 });
});

test('this machine is no host without RTTs', () => {
  const left = { unmeasuredSrc: 'no timestamps', unmeasuredDest: 'no timestamps' } as const;
  const events = [
    over(100, { change: 'unmeasured', ...left }),
    over(1, { unmeasuredSrc: 'local', destAddress: OTHER as Uint8Array }),
  ];
  expect(coverageOf(...events).unmeasured(() => false)?.hosts).toBe(1);
});

test('its memory is bounded: those heard of last are kept', () => {
  const coverage = new Coverage(4);
  for (let n = 0; n < 10; n++) {
    coverage.accept(over(1, { unmeasuredDest: 'unanswered', destAddress: ipv4(`10.0.1.${n}`) }));
  }
  const { hosts: left = 0, forgotten } = coverage.unmeasured(() => false) ?? {};
  expect(left).toBeGreaterThanOrEqual(2);
  expect(left).toBeLessThanOrEqual(4);
  expect(forgotten).toBe(10 - left);
  expect(coverage.of(peer(ipv4('10.0.1.9')))).toBeDefined();
  expect(coverage.of(peer(ipv4('10.0.1.0')))).toBeUndefined();
});
