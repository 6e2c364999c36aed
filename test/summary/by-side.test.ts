/** What is kept of each side, and of each protocol there. */
import { expect, test } from '@jest/globals';
import { PROTOCOL_NAMES } from '../../src/events/names.js';
import { BySide, ToldSides } from '../../src/summary/by-side.js';

test('protocols are apart where they are told, in the order in which they are shown', () => {
  const sides = new BySide<string[]>(true, () => []);
  sides.of('behind', 'ICMP').push('a');
  sides.of('beyond', 'ICMPv6').push('b');
  sides.of('beyond', 'TCP').push('c');
  sides.of('behind', 'ICMP').push('d');
  expect(sides.all()).toEqual([
    { side: 'beyond', protocol: 'TCP', value: ['c'] },
    { side: 'beyond', protocol: 'ICMPv6', value: ['b'] },
    { side: 'behind', protocol: 'ICMP', value: ['a', 'd'] },
  ]);
  expect(sides.get('beyond', 'ICMP')).toBeUndefined();
});

test('where they are not, there is one of each side, which names none', () => {
  const sides = new BySide<string[]>(false, () => []);
  for (const protocol of Object.values(PROTOCOL_NAMES)) sides.of('beyond', protocol).push(protocol);
  expect(sides.all()).toEqual([
    { side: 'beyond', protocol: undefined, value: Object.values(PROTOCOL_NAMES) },
  ]);
  expect(sides.get('beyond', undefined)).toBe(sides.get('beyond', 'TCP'));
});

test('those that there ever was anything of are told, and the one that is expected before that', () => {
  const told = new ToldSides('behind');
  expect(told.all()).toEqual([{ side: 'behind' }]);
  told.add({ side: 'unknown', protocol: 'ICMP' });
  told.add({ side: 'beyond', protocol: 'ICMP' });
  told.add({ side: 'beyond', protocol: 'TCP' });
  told.add({ side: 'beyond', protocol: 'TCP' });
  expect(told.all()).toEqual([
    { side: 'beyond', protocol: 'TCP' },
    { side: 'beyond', protocol: 'ICMP' },
    { side: 'unknown', protocol: 'ICMP' },
  ]);
});
