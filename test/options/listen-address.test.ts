import { describe, expect, test } from '@jest/globals';
import { parseListenAddress } from '../../src/options/listen-address.js';
import { parsePrefix } from '../../src/options/prefix.js';

describe('an address and a port', () => {
  test.each([
    ['127.0.0.1:9747', 4, '127.0.0.1', 9747],
    ['0.0.0.0:1', 4, '0.0.0.0', 1],
    ['192.0.2.7:65535', 4, '192.0.2.7', 65_535],
    ['[::1]:9747', 6, '::1', 9747],
    ['[::]:80', 6, '::', 80],
    ['[2001:db8::7]:8080', 6, '2001:db8::7', 8080],
  ])('%s', (text, ipVersion, address, port) => {
    expect(parseListenAddress(text)).toEqual({
      ipVersion,
      address: parsePrefix(address).address,
      port,
    });
  });

  test.each([
    ...['', '9747', ':9747', '127.0.0.1', '127.0.0.1:', '127.0.0.1:0', '127.0.0.1:65536'],
    ...['127.0.0.1:+1', '127.0.0.1:1e3', '127.0.0.1:097470', '127.0.0.1:9747/metrics', '*:9747'],
    ...['localhost:9747', '127.1:9747', '127.0.0.0/8:9747', '::1:9747', '::1', '[::1]', '[]:1'],
    ...['[127.0.0.1]:9747', '[::ffff:127.0.0.1]:9747', '[fe80::1%eth0]:9747', '[::/0]:9747'],
    ...['http://127.0.0.1:9747', ' 127.0.0.1:9747'],
  ])('%j is none', (text) => {
    expect(() => parseListenAddress(text)).toThrow(
      `${JSON.stringify(text)} is not an address and a port; write for example 127.0.0.1:9747, [::1]:9747, or 0.0.0.0:9747 for all addresses of this host`,
    );
  });
});
