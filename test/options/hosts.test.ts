import { describe, expect, test } from '@jest/globals';
import { KnownHosts, parseHost, parseHostOrNetwork } from '../../src/options/hosts.js';
import { type LiveOptions, parseOptions } from '../../src/options/options.js';
import { parsePrefix } from '../../src/options/prefix.js';

describe('a host is', () => {
  test.each(['db1.example', 'db1', 'a_b', 'xn--bcher-kva.example.', '1.example', 'x-1.2b'])(
    'a name: %s',
    (name) => expect(parseHost(name)).toEqual({ name }),
  );

  test.each(['192.0.2.1', '2001:db8::1', '::ffff:10.0.0.1'])('an address: %s', (text) => {
    expect(parseHost(text)).toEqual(parsePrefix(text));
  });

  test.each(['', '300.0.2.1', '192.0.2', '1', 'a..b', '-a', 'a-.example', 'fe80::1%eth0', 'a b'])(
    'neither: %j',
    (text) => expect(() => parseHost(text)).toThrow('is not an address or a network'),
  );

  test('in words also a network', () => {
    expect(parseHostOrNetwork('10.0.0.0/8')).toEqual(parsePrefix('10.0.0.0/8'));
    expect(() => parseHost('10.0.0.0/8')).toThrow('use --net');
  });
});

describe('names in filters', () => {
  const known = new Map([
    ['db1.example', ['192.0.2.1', '2001:db8::1'].map(parsePrefix)],
    ['db2.example', [parsePrefix('192.0.2.2')]],
  ]);
  const filterOf = (...args: readonly string[]) => {
    const hosts = new KnownHosts(known);
    const options = parseOptions(['-i', 'eth0', '--resolve', ...args], hosts) as LiveOptions;
    return { filter: options.filter, missing: [...hosts.missing] };
  };

  test.each([
    [
      ['--host', 'db1.example'],
      ['--host', '192.0.2.1,2001:db8::1'],
    ],
    [
      ['--host', 'db1.example,::1', '--port', '80'],
      ['--host', '192.0.2.1,2001:db8::1,::1', '--port', '80'],
    ],
    [
      ['--exclude-host', 'db1.example'],
      ['--exclude-host', '192.0.2.1,2001:db8::1'],
    ],
    [['host db1.example and port 80'], ['host 192.0.2.1 or 2001:db8::1 and port 80']],
    [['host db1.example or db2.example'], ['--host', '192.0.2.1,2001:db8::1,192.0.2.2']],
    [['not host db1.example'], ['--exclude-host', '192.0.2.1,2001:db8::1']],
  ])('%j stands for %j', (names, addresses) => {
    expect(filterOf(...names)).toEqual({ filter: filterOf(...addresses).filter, missing: [] });
  });

  test('those that are not known are named, each once', () => {
    const names = ['--host', 'a.example,db1.example', '--exclude-host', 'b.example'];
    expect(filterOf(...names, 'not host c.example').missing).toEqual([
      ...['a.example', 'b.example', 'c.example'],
    ]);
  });

  test('are refused without --resolve, whether they are known or not', () => {
    const hosts = new KnownHosts(known);
    expect(() => parseOptions(['-i', 'eth0', '--host', 'db1.example'], hosts)).toThrow(
      'db1.example is a name, not an address; names need --resolve',
    );
  });
});
