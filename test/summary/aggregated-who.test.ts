import { expect, test } from '@jest/globals';
import { type AggregatedWho, numberIn } from '../../src/summary/aggregated-who.js';
import { ipv4 } from '../helpers/events/events.js';

const at = (name: string) => ({ capture: undefined, interface: name });
const network = (prefix: string, bits: number) =>
  ({ address: ipv4(prefix), ipVersion: 4, bits }) as const;
const known = (who: Partial<AggregatedWho>): AggregatedWho => ({ isOthers: false, ...who });

test('a network is one at all interfaces, and others are none', () => {
  const there = known({ network: network('192.0.2.0', 24), seenAt: at('eth0') });
  const elsewhere = known({ network: network('192.0.2.0', 24), seenAt: at('eth1') });
  const longer = known({ network: network('192.0.2.0', 25), seenAt: at('eth0') });
  expect(numberIn([there, elsewhere, longer, { isOthers: true }])).toBe(2);
});

test('interfaces and owners are as many as there are', () => {
  expect(numberIn([known({ seenAt: at('eth0') }), known({ seenAt: at('eth1') })])).toBe(2);
  expect(numberIn([known({ owner: { attribution: undefined } }), { isOthers: true }])).toBe(1);
  expect(numberIn([])).toBe(0);
});
