/** A request of ICMP echo that another CPU's overtakes, just as it is looked whether its number is new. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { runProgram } from '../../src/libbpf/run-program.js';

const PROGRAM = 'overtake';
/** struct overtaken (overtaken.c): seven u32 */
const WORDS = 7;

let object: BpfObject;
beforeAll(() => {
  object = new BpfObject(join(repositoryRoot, 'dist/test/kernel/overtaken.o'));
  object.load([PROGRAM]);
});
afterAll(() => object.close());

/** Whether it is new, when it comes, when it is sent again, and the next after it. */
function send(times: number, last: number, other: number, own: number): boolean[] {
  const context = Buffer.alloc(4 * WORDS);
  for (const [at, word] of [times, last, other, own].entries()) context.writeUInt32LE(word, 4 * at);
  expect(runProgram(object.program(PROGRAM), { context }).verdict).toBe(0);
  return [4, 5, 6].map((at) => context.readUInt32LE(4 * at) === 1);
}

test('alone it is new, and once', () => {
  expect(send(0, 10, 0, 12)).toEqual([true, false, true]);
});

test.each([1, 2, 3, 4])(
  'overtaken %d times it is not measured, nor is it once it is sent again',
  (times) => {
    expect(send(times, 10, 11, 16)).toEqual([false, false, true]);
  },
);

test('nor where the other is higher, and numbers come round', () => {
  expect(send(1, 0xfffe, 1, 0)).toEqual([false, false, false]);
  expect(send(1, 0xfffe, 0xffff, 0)).toEqual([false, false, true]);
});
