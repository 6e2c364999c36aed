/** Flows made by hand, and the side of them that is plainly this one. */
import { describe, expect, test } from '@jest/globals';
import type { FlowReason, Protocol } from '../../src/events/names.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { localSideOf, type OpenedFlow } from '../../src/summary/local-side.js';

/** By `src > dest`. */
function flow(ends: string, reason: FlowReason = 'SYN', protocol: Protocol = 'TCP'): OpenedFlow {
  const [src, dest] = ends.split(' > ').map((end) => parsePrefix(end));
  if (!src || !dest) throw new Error(ends);
  const { ipVersion, address: srcAddress } = src;
  return {
    ipVersion,
    srcAddress,
    destAddress: dest.address,
    srcPort: 1,
    destPort: 2,
    reason,
    protocol,
  };
}

const opened = (...ends: string[]) => ends.map((each) => flow(each));
const met = (...ends: string[]) => ends.map((each) => flow(each, 'first observed packet'));

function expectSide(flows: readonly OpenedFlow[], because: string, ...prefixes: string[]): void {
  const side = localSideOf(flows);
  expect(side?.because).toBe(because);
  const masked = side?.prefixes.map(({ ipVersion, bits, address }) => ({
    ipVersion,
    bits,
    address: address.subarray(0, bits >> 3),
  }));
  const expected = prefixes.map((text) => parsePrefix(text));
  expect(masked).toEqual(
    expected.map(({ ipVersion, bits, address }) => ({
      ipVersion,
      bits,
      address: address.subarray(0, bits >> 3),
    })),
  );
}

describe('a host in all flows', () => {
  const expectHost = (flows: readonly OpenedFlow[], ...hosts: string[]) =>
    expectSide(flows, 'in all flows', ...hosts);

  test('whoever opened them, and also where that was not seen', () => {
    expectHost(opened('10.0.0.1 > 192.0.2.1', '10.0.0.1 > 192.0.2.2'), '10.0.0.1');
    expectHost(opened('192.0.2.1 > 10.0.0.1', '10.0.0.1 > 192.0.2.2'), '10.0.0.1');
    expectHost(met('192.0.2.1 > 10.0.0.1', '10.0.0.1 > 192.0.2.2'), '10.0.0.1');
  });

  test('the server of many is one', () => {
    expectHost(
      opened('192.0.2.1 > 10.0.0.1', '192.0.2.2 > 10.0.0.1', '198.51.100.1 > 10.0.0.1'),
      '10.0.0.1',
    );
  });

  test('of IPv6, and of both versions', () => {
    const six = opened('fd00::1 > 2001:db8::1', 'fd00::1 > 2001:db8::2');
    const four = opened('10.0.0.1 > 192.0.2.1', '10.0.0.1 > 192.0.2.2');
    expectHost(six, 'fd00::1');
    expectHost([...six, ...four], '10.0.0.1', 'fd00::1');
  });

  test('a connection from a host to itself does not count', () => {
    const flows = opened('10.0.0.1 > 192.0.2.1', '10.0.0.1 > 192.0.2.2', '127.0.0.1 > 127.0.0.1');
    expectHost(flows, '10.0.0.1');
    expect(localSideOf(opened('127.0.0.1 > 127.0.0.1'))).toBeUndefined();
  });
});

describe('what opens all connections', () => {
  const expectOpener = (flows: readonly OpenedFlow[], ...prefixes: string[]) =>
    expectSide(flows, 'opens all connections', ...prefixes);

  test('a host, also of one connection, and where its SYN-ACK was seen', () => {
    expectOpener(opened('10.0.0.1 > 192.0.2.1'), '10.0.0.1');
    expectOpener([flow('10.0.0.1 > 192.0.2.1', 'SYN-ACK')], '10.0.0.1');
    expectOpener(opened('10.0.0.1 > 10.0.0.2', '10.0.0.1 > 10.0.0.2'), '10.0.0.1');
  });

  test('connections that were met do not say it, but may not contradict', () => {
    const one = opened('10.0.0.1 > 10.0.0.2');
    expectOpener([...one, ...met('10.0.0.2 > 10.0.0.1')], '10.0.0.1');
    expect(localSideOf([...one, ...met('192.0.2.1 > 192.0.2.2')])).toBeUndefined();
  });

  test('a network of IPv4: the 24 bits that they share, or else a private one', () => {
    const near = opened('198.51.100.1 > 192.0.2.1', '198.51.100.9 > 192.0.2.2');
    expectOpener(near, '198.51.100.0/24');
    expectOpener(opened('10.1.2.3 > 192.0.2.1', '10.1.2.4 > 10.9.9.9'), '10.1.2.0/24');
    expectOpener(opened('10.1.2.3 > 192.0.2.1', '10.9.2.4 > 192.0.2.2'), '10.0.0.0/8');
    const private16 = opened('192.168.1.1 > 192.0.2.1', '192.168.2.1 > 10.0.0.1');
    expectOpener(private16, '192.168.0.0/16');
  });

  test('a network of IPv6: 64 bits', () => {
    const flows = opened('2001:db8:0:1::1 > 2001:db8::1', '2001:db8:0:1::2 > 2001:db8::2');
    expectOpener(flows, '2001:db8:0:1::/64');
  });

  test('of both versions, where one host is in all flows of only one', () => {
    const four = opened('192.168.1.1 > 192.0.2.1', '192.168.1.1 > 192.0.2.2');
    const six = opened('2001:db8:0:1::1 > 2001:db8::1');
    expectOpener([...six, ...four], '192.168.1.1', '2001:db8:0:1::1');
  });
});

describe('of one version alone', () => {
  test('where the versions are plain in different ways: the sides may be opposite ones', () => {
    const four = opened('192.0.2.1 > 10.0.0.1', '198.51.100.2 > 10.0.0.1');
    expectSide([...four, ...opened('fd00::1 > 2001:db8::1')], 'in all flows', '10.0.0.1');
  });

  test('where the other says nothing, or contradicts itself', () => {
    const four = opened('10.0.0.1 > 192.0.2.1', '10.0.0.1 > 192.0.2.2');
    expectSide([...four, ...met('fd00::1 > fd00::2')], 'in all flows', '10.0.0.1');
    const one = opened('10.0.0.1 > 192.0.2.1');
    const both = opened('fd00::1 > fd00::2', 'fd00::2 > fd00::1');
    expectSide([...one, ...both], 'opens all connections', '10.0.0.1');
  });
});

describe('a ping', () => {
  const ping = (ends: string, protocol: Protocol) => flow(ends, 'first observed packet', protocol);

  test('is opened by who asks', () => {
    expectSide([ping('10.0.0.1 > 192.0.2.1', 'ICMP')], 'opens all connections', '10.0.0.1');
    const both = [ping('fd00::1 > fd00::2', 'ICMPv6'), flow('10.0.0.1 > 10.0.0.2')];
    expectSide(both, 'opens all connections', '10.0.0.1', 'fd00::1');
  });

  test('the other way contradicts', () => {
    const flows = [ping('10.0.0.2 > 10.0.0.1', 'ICMP'), flow('10.0.0.1 > 10.0.0.2')];
    expect(localSideOf(flows)).toBeUndefined();
  });
});

describe('nothing is plain', () => {
  test.each<[string, OpenedFlow[]]>([
    ['without flows', []],
    ['in one that was met', met('10.0.0.1 > 192.0.2.1')],
    [
      'in several between two hosts that were met',
      met('10.0.0.1 > 10.0.0.2', '10.0.0.2 > 10.0.0.1'),
    ],
    ['where both open some', opened('10.0.0.1 > 10.0.0.2', '10.0.0.2 > 10.0.0.1')],
    [
      'where unrelated hosts open some',
      opened('198.51.100.1 > 192.0.2.1', '203.0.113.1 > 192.0.2.2'),
    ],
    ['within one network', opened('10.1.2.3 > 10.1.2.1', '10.1.2.4 > 10.1.2.2')],
  ])('%s', (_, flows) => {
    expect(localSideOf(flows)).toBeUndefined();
  });
});
