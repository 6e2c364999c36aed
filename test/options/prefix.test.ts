import { describe, expect, test } from '@jest/globals';
import { parsePrefix } from '../../src/options/prefix.js';
import { ipv4, ipv6 } from '../helpers/events/events.js';

describe('an address or a network', () => {
  test.each([
    ['192.0.2.1', ipv4('192.0.2.1'), 128],
    ['192.0.2.1/32', ipv4('192.0.2.1'), 128],
    ['10.0.0.0/8', ipv4('10.0.0.0'), 104],
    ['0.0.0.0/0', ipv4('0.0.0.0'), 96],
    ['2001:db8::1', ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 128],
    ['2001:db8::/32', ipv6(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32],
    ['::/0', ipv6(0, 0, 0, 0, 0, 0, 0, 0), 0],
    ['::ffff:192.0.2.1', ipv4('192.0.2.1'), 128],
  ])('%s', (text, address, bits) => {
    const ipVersion = text.startsWith('2001') || text === '::/0' ? 6 : 4;
    expect(parsePrefix(text)).toEqual({ ipVersion, address, bits });
  });

  test.each([
    '',
    'eth0',
    '10.1',
    '0x7f.1',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'fe80::1%eth0',
    '10.0.0.0/x',
  ])('%j is neither', (text) =>
    expect(() => parsePrefix(text)).toThrow('is not an address or a network'),
  );

  test.each([
    ['10.0.0.0/33', 'an IPv4 prefix has at most 32 bits'],
    ['::/129', 'an IPv6 prefix has at most 128 bits'],
  ])('%s is too long', (text, message) => expect(() => parsePrefix(text)).toThrow(message));
});
