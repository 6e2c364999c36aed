import { describe, expect, test } from '@jest/globals';
import { prefixKey, prefixText } from '../../src/metrics/prefix.js';
import { ipv4, ipv6 } from '../helpers/events/events.js';

const source4 = (text: string) => ({ ipVersion: 4, srcAddress: ipv4(text) }) as const;
const source6 = (...groups: number[]) => ({ ipVersion: 6, srcAddress: ipv6(...groups) }) as const;

describe('the prefix of a host', () => {
  test.each([
    [source4('192.0.2.1'), '192.0.2.0/24'],
    [source4('0.0.0.0'), '0.0.0.0/24'],
    [source4('255.255.255.255'), '255.255.255.0/24'],
    [source6(0x2001, 0xdb8, 0x17, 0x8000, 0, 0, 0, 1), '2001:db8:17::/48'],
    [source6(0xffff, 0xffff, 0xffff, 0xffff, 0xffff, 0, 0, 1), 'ffff:ffff:ffff::/48'],
    [source6(0, 0, 0, 0, 0, 0, 0, 1), '::/48'],
  ])('%#: %j', (source, text) => expect(prefixText(source)).toBe(text));

  test('has a key that hosts in it share, and no others', () => {
    const sources = [
      ...[source4('0.0.0.0'), source4('0.0.1.0'), source4('0.1.0.0'), source4('1.0.0.0')],
      ...[source4('255.255.255.1'), source6(0, 0, 0, 0, 0, 0, 0, 0)],
      ...[source6(0, 0, 1, 0, 0, 0, 0, 0), source6(0, 1, 0, 0, 0, 0, 0, 0)],
      ...[source6(1, 0, 0, 0, 0, 0, 0, 0), source6(0xffff, 0xffff, 0xffff, 0, 0, 0, 0, 0)],
    ];
    const keys = sources.map(prefixKey);
    expect(new Set(keys).size).toBe(sources.length);
    expect(keys.every(Number.isSafeInteger)).toBe(true);
    expect(prefixKey(source4('192.0.2.1'))).toBe(prefixKey(source4('192.0.2.254')));
    const [one, other] = [source6(1, 2, 3, 4, 5, 6, 7, 8), source6(1, 2, 3, 9, 9, 9, 9, 9)];
    expect(prefixKey(one)).toBe(prefixKey(other));
  });
});
