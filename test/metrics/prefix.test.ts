import { describe, expect, test } from '@jest/globals';
import { Prefixes } from '../../src/metrics/prefix.js';
import { ipv4, ipv6 } from '../helpers/events/events.js';

const host4 = (text: string) => ({ ipVersion: 4, address: ipv4(text) }) as const;
const host6 = (...groups: number[]) => ({ ipVersion: 6, address: ipv6(...groups) }) as const;

describe('the prefix of a host', () => {
  const prefixes = new Prefixes({ bitsV4: 24, bitsV6: 48 });

  test.each([
    [host4('192.0.2.1'), '192.0.2.0/24'],
    [host4('0.0.0.0'), '0.0.0.0/24'],
    [host4('255.255.255.255'), '255.255.255.0/24'],
    [host6(0x2001, 0xdb8, 0x17, 0x8000, 0, 0, 0, 1), '2001:db8:17::/48'],
    [host6(0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0, 0, 1), 'ffff:ffff:ffff::/48'],
    [host6(0, 0, 0, 0, 0, 0, 0, 1), '::/48'],
  ])('%#: %j', (host, text) => expect(prefixes.textOf(host)).toBe(text));

  test('has a key that hosts in it share, and no others', () => {
    const hosts = [
      ...[host4('0.0.0.0'), host4('0.0.1.0'), host4('0.1.0.0'), host4('1.0.0.0')],
      ...[host4('255.255.255.1'), host6(0, 0, 0, 0, 0, 0, 0, 0)],
      ...[host6(0, 0, 1, 0, 0, 0, 0, 0), host6(0, 1, 0, 0, 0, 0, 0, 0)],
      ...[host6(1, 0, 0, 0, 0, 0, 0, 0), host6(0xffff, 0xffff, 0xffff, 0, 0, 0, 0, 0)],
    ];
    const keys = hosts.map((host) => prefixes.keyOf(host));
    expect(new Set(keys).size).toBe(hosts.length);
    expect(keys.every(Number.isSafeInteger)).toBe(true);
    expect(prefixes.keyOf(host4('192.0.2.1'))).toBe(prefixes.keyOf(host4('192.0.2.254')));
    const [one, other] = [host6(1, 2, 3, 4, 5, 6, 7, 8), host6(1, 2, 3, 9, 9, 9, 9, 9)];
    expect(prefixes.keyOf(one)).toBe(prefixes.keyOf(other));
  });
});

describe('of another length', () => {
  const [host, neighbour] = [host4('203.0.113.77'), host4('203.0.113.76')];
  const [host17, neighbour17] = [
    host6(1, 2, 3, 4, 5, 6, 7, 0xff),
    host6(1, 2, 3, 4, 5, 6, 7, 0xfe),
  ];

  test.each([
    [0, '0.0.0.0/0', true],
    [9, '203.0.0.0/9', true],
    [31, '203.0.113.76/31', true],
    [32, '203.0.113.77/32', false],
  ])('/%i of IPv4', (bitsV4, text, isShared) => {
    const prefixes = new Prefixes({ bitsV4, bitsV6: 48 });
    expect(prefixes.textOf(host)).toBe(text);
    expect(prefixes.keyOf(host) === prefixes.keyOf(neighbour)).toBe(isShared);
  });

  test.each([
    [0, '::/0', true],
    [47, '1:2:2::/47', true],
    [49, '1:2:3::/49', true],
    [127, '1:2:3:4:5:6:7:fe/127', true],
    [128, '1:2:3:4:5:6:7:ff/128', false],
  ])('/%i of IPv6', (bitsV6, text, isShared) => {
    const prefixes = new Prefixes({ bitsV4: 24, bitsV6 });
    expect(prefixes.textOf(host17)).toBe(text);
    expect(prefixes.keyOf(host17) === prefixes.keyOf(neighbour17)).toBe(isShared);
    expect(prefixes.keyOf(host17)).not.toBe(prefixes.keyOf(host4('0.0.0.0')));
  });
});
