import { expect, test } from '@jest/globals';
import { atPlace, atPlaces, placeName, titleOf } from '../../src/report/page/place-text.js';

test.each([
  [{ interface: 'eth0' }, 'eth0', 'at eth0'],
  [{ interface: 'eth0', capture: 'a.pcapng' }, 'a.pcapng eth0', 'at a.pcapng eth0'],
  [{ capture: 'a.pcap' }, 'a.pcap', 'at a.pcap'],
  [{ interface: 'elsewhere' }, 'elsewhere', 'at elsewhere'],
  [{}, 'elsewhere', 'elsewhere'],
])('%j is called %s', (seenAt, name, at) => {
  expect(placeName(seenAt)).toBe(name);
  expect(atPlace(seenAt)).toBe(at);
});

test.each([
  [[{}], true, 'RTTs of a capture'],
  [[{}], false, 'RTTs seen elsewhere'],
  [[{ interface: 'eth0' }], true, 'RTTs on eth0'],
  [[{ interface: 'eth0' }, { interface: 'wan' }, {}], true, 'RTTs on eth0, wan'],
  [['a', 'b', 'c', 'd'].map((name) => ({ interface: name })), true, 'RTTs on 4 interfaces'],
  [[{ interface: 'eth0', capture: 'a' }], false, 'RTTs on eth0 of a'],
  [[{ capture: 'a' }, { capture: 'b' }], true, 'RTTs of a, b'],
])('of %j, all: %s, the page is called %s', (places, areAll, title) => {
  expect(titleOf(places, areAll)).toBe(title);
});

test.each([
  [[{ interface: 'eth0' }, { interface: 'wan' }, {}], 'at 3 interfaces'],
  [[{ capture: 'a' }, { capture: 'b' }], 'in 2 captures'],
  [
    [
      { interface: 'eth0', capture: 'a' },
      { interface: 'wan', capture: 'a' },
      { interface: 'eth0', capture: 'b' },
    ],
    'at 3 interfaces of 2 captures',
  ],
])('%j: seen %s', (places, text) => {
  expect(atPlaces(places)).toBe(text);
});
