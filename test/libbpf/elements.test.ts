/** Many elements of a map with one system call. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { OBJECT_PATH } from '../../lab/kernel/kernel.js';
import { AGGREGATE, AGGREGATE_KEY } from '../../src/core/layouts.js';
import { putElements, takeElements } from '../../src/libbpf/elements.js';
import { BpfObject } from '../../src/libbpf/object.js';

const MAP = 'aggregates_even';
const COUNT = 200;

let object: BpfObject;
beforeEach(() => {
  object = new BpfObject(OBJECT_PATH);
  object.map(MAP).maxEntries = COUNT;
  object.load([]);
});
afterEach(() => object.close());

/** Keys of a map of so many; each value begins as its key does. */
function fill(): void {
  const keys = Buffer.alloc(COUNT * AGGREGATE_KEY.size);
  const values = Buffer.alloc(COUNT * AGGREGATE.size);
  for (let at = 0; at < COUNT; at++) {
    keys.writeUInt32LE(at, at * AGGREGATE_KEY.size);
    values.writeUInt32LE(at, at * AGGREGATE.size);
  }
  putElements(object.map(MAP).fd, keys, values, COUNT);
}

/** @returns of each element its key and its value, and how many came at once */
async function take(portion: number) {
  const taken: [number, number][] = [];
  const counts: number[] = [];
  const { fd } = object.map(MAP);
  for await (const { keys, values, count } of takeElements(
    fd,
    AGGREGATE_KEY.size,
    AGGREGATE.size,
    portion,
  )) {
    for (let at = 0; at < count; at++) {
      const key = keys.readUInt32LE(at * AGGREGATE_KEY.size);
      taken.push([key, values.readUInt32LE(at * AGGREGATE.size)]);
    }
    counts.push(count);
  }
  return { taken: taken.sort(([a], [b]) => a - b), counts };
}

const all = Array.from({ length: COUNT }, (_, at) => [at, at]);

test.each([[COUNT + 1], [COUNT], [32]])(
  'all elements are taken once, %d at a time',
  async (portion) => {
    fill();
    const { taken, counts } = await take(portion);
    expect(taken).toEqual(all);
    expect(Math.max(...counts)).toBeLessThanOrEqual(portion);
    expect(await take(portion)).toEqual({ taken: [], counts: [0] });
  },
);

test('where a bucket of the map has more than are taken at a time, more are', async () => {
  fill();
  expect((await take(1)).taken).toEqual(all);
});
