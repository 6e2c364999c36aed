/** What is counted of the stack (test/helpers/kernel/call-chains.ts) is what the kernel counts. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { deepestChains, MOST_STACK_BYTES } from '../helpers/kernel/call-chains.js';
import { loadOnce } from '../helpers/kernel/everything.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pping-call-chains-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A program and a function. What each has of the stack, it writes to, or points to. */
function assembled(program: number, called: number): string {
  const path = join(folder, `${program}-${called}.o`);
  const source = `
    .section tc,"ax",@progbits
    .globl program
    .type program,@function
    program:
      r1 = 0
      *(u64 *)(r10 - ${program}) = r1
      call called
      r0 = 0
      exit
    .size program, .-program
    .text
    .type called,@function
    called:
      r1 = r10
      r1 += -${called}
      r2 = 0
      *(u64 *)(r1 + 0) = r2
      call leaf
      r0 = 0
      exit
    .size called, .-called
    .type leaf,@function
    leaf:
      r1 = 0
      *(u64 *)(r10 - 32) = r1
      r0 = 0
      exit
    .size leaf, .-leaf
    .section license,"aw",@progbits
    .asciz "GPL"
  `;
  const to = ['-c', '-x', 'assembler', '-', '-o', path];
  execFileSync('clang', ['-target', 'bpf', ...to], { input: source });
  return path;
}

test('what is not too much', () => {
  const path = assembled(256, 224);
  expect(deepestChains(path)).toEqual([
    { bytes: MOST_STACK_BYTES, calls: 'program 256 > called 224 > leaf 32' },
  ]);
  loadOnce(path);
});

test('what is', () => {
  const path = assembled(288, 224);
  expect(deepestChains(path)).toEqual([
    { bytes: 544, calls: 'program 288 > called 224 > leaf 32' },
  ]);
  expect(() => loadOnce(path)).toThrow(/combined stack size of 3 calls is 544/);
});

test('frames are rounded up', () => {
  expect(deepestChains(assembled(264, 8))).toEqual([
    { bytes: 352, calls: 'program 288 > called 32 > leaf 32' },
  ]);
});
