import { expect, test } from '@jest/globals';
import { Cutter, Pseudonyms } from '../../src/anonymization/anonymizers.js';
import { parseAddress } from '../../src/options/prefix.js';
import { addressText } from '../../src/text/address.js';

const LENGTHS = { bitsV4: 24, bitsV6: 48 };
const KEY = Uint8Array.from({ length: 32 }, (_, at) => at);

const told = (anonymizer: Cutter | Pseudonyms, text: string) => {
  const { address, ipVersion } = parseAddress(text);
  return addressText(anonymizer.addressOf(address, ipVersion), ipVersion);
};

test.each([
  [24, 48, '192.0.2.77', '192.0.2.0'],
  [20, 48, '192.0.47.77', '192.0.32.0'],
  [0, 48, '192.0.2.77', '0.0.0.0'],
  [24, 48, '2001:db8:1:2::3', '2001:db8:1::'],
  [24, 0, '2001:db8:1:2::3', '::'],
  [24, 33, '2001:db8:ffff::3', '2001:db8:8000::'],
])('cut to /%d and /%d, %s is %s', (bitsV4, bitsV6, address, network) => {
  expect(told(new Cutter({ bitsV4, bitsV6 }), address)).toBe(network);
});

test('IPv4 in an address of IPv6 is cut as IPv6 is', () => {
  const { address } = parseAddress('192.0.2.77');
  expect(addressText(new Cutter(LENGTHS).addressOf(address, 6), 6)).toBe('::');
});

test('a host has the pseudonym that its key gives, in IPv4 and in IPv6', () => {
  const pseudonyms = new Pseudonyms(KEY, LENGTHS);
  expect(told(pseudonyms, '192.0.2.1')).toBe('2.90.93.17');
  expect(told(pseudonyms, '2001:db8::1')).toBe('dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00');
});

test('of more hosts than are remembered each keeps its pseudonym', () => {
  const pseudonyms = new Pseudonyms(KEY, LENGTHS, 2);
  const hosts = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.1'];
  expect(hosts.map((host) => told(pseudonyms, host))).toEqual([
    ...['2.90.93.17', '2.90.93.19', '2.90.93.18', '2.90.93.17'],
  ]);
});

test('a network that was counted has the pseudonym of its hosts, as long as it is', () => {
  const pseudonyms = new Pseudonyms(KEY, LENGTHS);
  const { address } = parseAddress('192.0.2.0');
  const network = pseudonyms.networkOf({ address, ipVersion: 4 });
  expect(addressText(network.address, 4)).toBe('2.90.93.0');
  const six = pseudonyms.networkOf({ address: parseAddress('2001:db8::').address, ipVersion: 6 });
  expect(addressText(six.address, 6)).toBe('dd92:2c44:3fc0::');
});
