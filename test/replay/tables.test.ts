/** The replay's hash tables: keys that differ in little, as those of a scan do, do not meet in one bucket. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';

const MODULE = new WebAssembly.Module(
  readFileSync(join(repositoryRoot, 'dist/test/replay/tables.wasm')),
);
const KEYS = 100_000;
/** There are two buckets for each: of as many balls thrown at random seven are in one of them, or eight. */
const MOST = 12;
const SEEDS = [0n, 1n, 0x123456789abcdef0n];
/** struct flow_key */
const KEY_BYTES = 40;
const [LOW, HIGH, PORTS, REST] = [0, 16, 32, 36];
const V4 = [...Array(10).fill(0), 0xff, 0xff, 192, 0, 2, 1];
const V6 = [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1];

interface Exports {
  readonly memory: WebAssembly.Memory;
  start(seed: bigint): void;
  key_room(): number;
  insert(): number;
  is_there(): number;
  hash(): number;
  longest(): number;
}

class Table {
  readonly #exports: Exports;

  constructor(seed: bigint) {
    this.#exports = new WebAssembly.Instance(MODULE).exports as unknown as Exports;
    this.#exports.start(seed);
  }

  insert(key: Uint8Array): number {
    this.#put(key);
    return this.#exports.insert();
  }

  has(key: Uint8Array): boolean {
    this.#put(key);
    return this.#exports.is_there() !== 0;
  }

  hash(key: Uint8Array): number {
    this.#put(key);
    return this.#exports.hash();
  }

  get longest(): number {
    return this.#exports.longest();
  }

  #put(key: Uint8Array): void {
    new Uint8Array(this.#exports.memory.buffer).set(key, this.#exports.key_room());
  }
}

/** All the same but for the bytes from `at` on, which are counted up. */
function counted(address: readonly number[], at: number, bytes: number) {
  const key = new Uint8Array(KEY_BYTES);
  key.set(address, LOW);
  key.set(address, HIGH);
  key.set([0x01, 0xbb, 0x9c, 0x40], PORTS);
  key.set([address === V4 ? 4 : 6, 0, 0, 0], REST);
  return (number: number): Uint8Array => {
    for (let byte = 0; byte < bytes; byte++) key[at + bytes - 1 - byte] = number >>> (8 * byte);
    return key;
  };
}

/** @returns how many were new */
function insertAll(table: Table, keyOf: (number: number) => Uint8Array): number {
  let inserted = 0;
  for (let number = 0; number < KEYS; number++) if (table.insert(keyOf(number)) === 0) inserted++;
  return inserted;
}

test.each([
  ['servers, with one pair of ports', counted(V4, HIGH + 12, 4)],
  ['clients, with one pair of ports', counted(V4, LOW + 12, 4)],
  ['the first bits of servers', counted(V4, HIGH + 12, 3)],
  ['hosts of a network, IPv6', counted(V6, HIGH + 12, 4)],
  ['networks, IPv6', counted(V6, HIGH + 4, 4)],
  ['ports', counted(V4, PORTS, 4)],
  ['places and protocols', counted(V4, REST, 4)],
])('counted up, they are spread over the buckets: %s', (_, keyOf) => {
  for (const seed of SEEDS) {
    const table = new Table(seed);
    expect(insertAll(table, keyOf)).toBe(KEYS);
    expect(table.longest).toBeLessThanOrEqual(MOST);
    expect([0, KEYS - 1, KEYS].map((number) => table.has(keyOf(number)))).toEqual([
      true,
      true,
      false,
    ]);
  }
});

test('a key is there once', () => {
  const table = new Table(7n);
  const keyOf = counted(V4, PORTS, 2);
  expect([table.insert(keyOf(1)), table.insert(keyOf(2)), table.insert(keyOf(1))]).toEqual([
    0, 0, 1,
  ]);
});

test('which keys come together depends on the seed alone', () => {
  const keyOf = counted(V6, HIGH + 12, 4);
  const hashes = (seed: bigint) => {
    const table = new Table(seed);
    return Array.from({ length: 1_000 }, (_, number) => table.hash(keyOf(number)));
  };
  const [first, again, other] = [hashes(1n), hashes(1n), hashes(2n)];
  expect(again).toEqual(first);
  // Of a thousand numbers of 32 bits, none is the same by chance, but once in millions of seeds.
  expect(first.filter((hash, at) => hash === other[at])).toEqual([]);
});
