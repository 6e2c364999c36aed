/** The maps as kernels before 6.1 need them: the programs load, measure and sweep as ever. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  exchange,
  Kernel,
  MILLISECOND,
  MINUTE,
  meetInMidStream,
  nanoseconds,
  OBJECT_PATH,
} from '../../lab/kernel/kernel.js';
import { preallocate } from '../../src/live/programs.js';

let kernel: Kernel;
let flags: number[];

beforeEach(() => {
  kernel = new Kernel({ rate: 0n }, 'ethernet', {}, OBJECT_PATH, (object) => {
    const read = () => ['losses', 'timestamps'].map((name) => object.map(name).flags);
    flags = read();
    preallocate(object);
    flags.push(...read());
  });
});

afterEach(() => kernel.close());

test('preallocated maps hold flows and identifiers, and are swept', async () => {
  expect(flags).toEqual([1, 1, 0, 0]);
  meetInMidStream(kernel);
  for (const tsval of [2, 3, 4]) {
    const sent = BigInt(tsval) * 10n * MILLISECOND;
    exchange(kernel, { sent, answered: sent + MILLISECOND }, { tsval, seq: 1000 * tsval });
  }
  expect(nanoseconds(kernel.rtts())).toEqual([MILLISECOND, MILLISECOND, MILLISECOND]);
  expect(await kernel.at(10n * MINUTE).sweep()).toMatchObject({ flows: 1, flowsDeleted: 1 });
  expect(await kernel.sweep()).toMatchObject({ flows: 0 });
});
