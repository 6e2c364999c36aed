import { describe, expect, test } from '@jest/globals';
import { HostTable } from '../../src/summary/host-table.js';
import { ipv4 } from '../helpers/events/events.js';

const A = ipv4('192.0.2.1');
const V6 = Uint8Array.from([0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 0xff]);

function add(table: HostTable, ...host: Parameters<HostTable['numberOf']>): number {
  const found = table.numberOf(...host);
  return found >= 0 ? found : table.addWanted();
}

describe('a host', () => {
  test('is told from others by each byte of its address', () => {
    const table = new HostTable(32);
    add(table, A, 4);
    for (let at = 0; at < A.length; at++) {
      const other = A.map((byte, index) => (index === at ? byte ^ 0x80 : byte));
      expect(table.numberOf(other, 4)).toBe(-1);
      expect(add(table, other, 4)).toBe(at + 1);
    }
    expect(table.numberOf(A, 4)).toBe(0);
  });

  test('is told from others by the version of its address, and by its place', () => {
    const table = new HostTable(8);
    const hosts: Parameters<HostTable['numberOf']>[] = [
      [A, 4],
      [A, 6],
      [A, 4, 1],
      [A, 4, 65_535],
    ];
    expect(hosts.map((host) => add(table, ...host))).toEqual([0, 1, 2, 3]);
    expect(hosts.map((host) => add(table, ...host))).toEqual([0, 1, 2, 3]);
  });

  test.each([
    ['IPv4', A, 4],
    ['IPv6', V6, 6],
  ] as const)('is what it was: %s', (_, address, ipVersion) => {
    const table = new HostTable(8);
    expect(table.hostAt(add(table, address, ipVersion, 4_095))).toEqual({ address, ipVersion });
  });
});

test('hosts come and go: those that are there, and no others, are found', () => {
  const table = new HostTable(50);
  const byNumber: number[] = [];
  const host = (number: number) => ipv4(`10.1.${number >> 8}.${number & 0xff}`);
  for (let step = 0; step < 20_000; step++) {
    const number = (step * step + step) % 457;
    const found = table.numberOf(host(number), 4);
    expect(found).toBe(byNumber.indexOf(number));
    if (found < 0) byNumber[table.addWanted()] = number;
    else if (step % 3 === 0) table.touch(found);
  }
  expect(byNumber).toHaveLength(50);
  expect(table.size).toBe(50);
});

test('a table of one has room for one', () => {
  const table = new HostTable(1);
  expect([add(table, A, 4), add(table, V6, 6)]).toEqual([0, 0]);
  expect(table.numberOf(A, 4)).toBe(-1);
  expect(table.forgotten).toBe(1);
});
