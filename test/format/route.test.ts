import { expect, test } from '@jest/globals';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { routeTexts } from '../../src/format/route.js';
import type { RouteChange } from '../../src/summary/routes.js';
import { ipv4, ipv6 } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';

const EPOCH = 1_767_225_600_000_000_000n;
const clock = new Clock(EPOCH, { zone: 'utc' });

function changeOf(overrides: Partial<RouteChange> = {}): RouteChange {
  return {
    timestamp: 400_123_456_789n,
    address: ipv4('192.0.2.1'),
    ipVersion: 4,
    place: 0,
    side: 'beyond',
    before: 10_234_567,
    after: 60_000_001,
    since: 60_500_000_000,
    ...overrides,
  };
}

function objectOf(change: RouteChange) {
  const chunk = new Chunk();
  const known = {
    surroundingsOf: (place: number) =>
      place === 4 ? { vlans: { outer: 7, inner: undefined }, tunnels: [] } : undefined,
  };
  const formatter = new NdjsonFormatter(clock, 'eth0', known);
  formatter.notice({ type: 'route', timestamp: change.timestamp, change }, chunk);
  return chunk.take().bytes.toString();
}

test('for people: when, whose, from what to what, since when', () => {
  expect(routeTexts([changeOf()], clock)).toEqual([
    '00:06:40.123456  192.0.2.1: route changed: min RTT 10.2 -> 60.0 ms since 00:01:00.500000',
  ]);
  const address = ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
  const behind = changeOf({ address, ipVersion: 6, side: 'behind', before: 60e6, after: 10e6 });
  expect(routeTexts([behind], clock)).toEqual([
    '00:06:40.123456  2001:db8::1, behind the interface: route changed: min RTT 60.0 -> 10.0 ms since 00:01:00.500000',
  ]);
});

test('where there may be several protocols, it says of which', () => {
  const change = changeOf({ protocol: 'ICMP' });
  expect(routeTexts([change], clock)).toEqual([
    '00:06:40.123456  192.0.2.1: ICMP route changed: min RTT 10.2 -> 60.0 ms since 00:01:00.500000',
  ]);
  expect(JSON.parse(objectOf(change))).toMatchObject({ src_ip: '192.0.2.1', protocol: 'ICMP' });
});

test('of many the first ten, and how many more', () => {
  const many = (count: number) => routeTexts(Array(count).fill(changeOf()), clock);
  expect(many(0)).toEqual([]);
  expect(many(10)).toHaveLength(10);
  expect(many(11).at(-1)).toBe('and the routes to 1 more host');
  expect(many(2_000).at(-1)).toBe('and the routes to 1990 more hosts');
});

test('as JSON', () => {
  expect(objectOf(changeOf())).toBe(
    '{"type":"route","timestamp":1767226000123456789,"interface":"eth0","src_ip":"192.0.2.1"' +
      ',"former_min_rtt":10234567,"min_rtt":60000001,"since":1767225660500000000' +
      ',"match_on_egress":false}\n',
  );
  expect(JSON.parse(objectOf(changeOf({ side: 'behind', place: 4 })))).toMatchObject({
    match_on_egress: true,
    vlan: 7,
  });
  expect(objectOf(changeOf({ side: 'unknown' }))).not.toContain('match_on_egress');
});

test('for people the host has its name, where it is known', () => {
  const [text] = routeTexts([changeOf()], clock, namesOf({ '192.0.2.1': 'db1.example' }));
  expect(text).toMatch(/^00:06:40\.123456 {2}db1\.example: route changed: /);
});
