import { expect, test } from '@jest/globals';
import { wrongIn } from '../../soak/wrong-ends.js';

const exited = (code: number) => ({ code, signal: null });
const killed = { code: null, signal: 'SIGKILL' } as const;

test.each([
  [exited(0), 0, 0],
  [exited(1), 0, 1],
  [exited(3), 0, undefined],
  [killed, 0, undefined],
])('%j with %d lines of a stack, where %s is wanted, is right', (ending, stackLines, code) => {
  expect(wrongIn(ending, stackLines, code)).toBeUndefined();
});

test.each([
  [exited(1), 0, 0, 'exit code 1 instead of 0'],
  [killed, 0, 0, 'SIGKILL instead of 0'],
  [exited(0), 3, 0, 'exit code 0, but 3 lines of a stack'],
  [undefined, 0, undefined, 'still there after 120000 ms'],
])('%j with %d lines of a stack, where %s is wanted: %s', (ending, stackLines, code, words) => {
  expect(wrongIn(ending, stackLines, code)).toBe(words);
});
