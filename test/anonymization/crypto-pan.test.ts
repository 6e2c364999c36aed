import { describe, expect, test } from '@jest/globals';
import { CryptoPan, KEY_BYTES } from '../../src/anonymization/crypto-pan.js';
import { parseAddress } from '../../src/options/prefix.js';
import { addressText } from '../../src/text/address.js';

/** That of the sample that comes with the authors' implementation. */
const SAMPLE_KEY = Uint8Array.from([
  21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16, 216, 152, 143, 131, 121,
  121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2,
]);
/** That of other implementations' tests. */
const COUNTING_KEY = Uint8Array.from({ length: KEY_BYTES }, (_, at) => at);

function pseudonymOf(key: Uint8Array, text: string): string {
  const { address, ipVersion } = parseAddress(text);
  const own = ipVersion === 4 ? address.subarray(12) : address;
  const pseudonym = new CryptoPan(key).pseudonymOf(own);
  return ipVersion === 4 ? pseudonym.join('.') : addressText(pseudonym, 6);
}

describe('published pseudonyms', () => {
  /** From sample_trace_raw.dat and sample_trace_sanitized.dat of Crypto-PAn 1.0. */
  test.each([
    ['128.11.68.132', '135.242.180.132'],
    ['129.118.74.4', '134.136.186.123'],
    ['130.132.252.244', '133.68.164.234'],
    ['141.223.7.43', '141.167.8.160'],
    ['152.163.225.39', '151.140.114.167'],
    ['165.247.96.84', '162.9.99.234'],
    ['192.102.249.13', '252.138.62.131'],
    ['195.205.63.100', '255.186.223.5'],
    ['198.200.171.101', '249.199.68.213'],
    ['207.25.71.27', '241.33.119.156'],
    ['209.85.249.6', '226.170.70.6'],
    ['216.35.217.178', '235.195.157.81'],
    ['24.7.198.88', '100.10.6.25'],
    ['4.3.88.225', '124.60.155.63'],
    ['64.14.118.196', '0.255.183.58'],
    ['10.185.25.118', '117.161.29.118'],
  ])('%s is %s, as in the sample', (address, pseudonym) => {
    expect(pseudonymOf(SAMPLE_KEY, address)).toBe(pseudonym);
  });

  /** As the implementations for Python, Go and others agree. */
  test.each([
    [SAMPLE_KEY, '::1', '78ff:f001:9fc0:20df:8380:b1f1:704:ed'],
    [SAMPLE_KEY, '::2', '78ff:f001:9fc0:20df:8380:b1f1:704:ef'],
    [SAMPLE_KEY, '::ffff', '78ff:f001:9fc0:20df:8380:b1f1:704:f838'],
    [SAMPLE_KEY, '2001:db8::1', '4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1e'],
    [SAMPLE_KEY, '2001:db8::2', '4401:2bc:603f:d91d:27f:ff8e:e6f1:dc1c'],
    [COUNTING_KEY, '192.0.2.1', '2.90.93.17'],
    [COUNTING_KEY, '2001:db8::1', 'dd92:2c44:3fc0:ff1e:7ff9:c7f0:8180:7e00'],
  ])('of a key: %#: %s is %s', (key, address, pseudonym) => {
    expect(pseudonymOf(key, address)).toBe(pseudonym);
  });
});

test('so many bits as two addresses have in common, their pseudonyms have', () => {
  const cryptoPan = new CryptoPan(SAMPLE_KEY);
  const one = Uint8Array.from([192, 0, 2, 77]);
  for (let bits = 0; bits < 32; bits++) {
    const other = one.map((byte, at) => (at === bits >> 3 ? byte ^ (0x80 >> (bits & 7)) : byte));
    const [a, b] = [one, other].map((each) => cryptoPan.pseudonymOf(each));
    expect(commonBits(a as Uint8Array, b as Uint8Array)).toBe(bits);
  }
});

test('a key of another length is refused', () => {
  expect(() => new CryptoPan(new Uint8Array(16))).toThrow('a key of 16 bytes');
});

function commonBits(a: Uint8Array, b: Uint8Array): number {
  const text = (bytes: Uint8Array) =>
    Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('');
  const [one, other] = [text(a), text(b)];
  return [...one].findIndex((bit, at) => bit !== other[at]);
}
