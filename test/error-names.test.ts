import { expect, test } from '@jest/globals';
import { errorName, withErrorNames } from '../src/error-names.js';
import { messageOf } from '../src/faults.js';

test.each([
  [28, 'ENOSPC', 'no space left on device'],
  [116, 'ESTALE', 'stale file handle'],
  [122, 'EDQUOT', 'disk quota exceeded'],
  [999, 'errno 999', 'unknown error'],
])('%d is %s: %s', (errno, name, text) => {
  expect(errorName(errno)).toEqual([name, text]);
});

test.each([
  [
    'Unknown system error -122: Unknown system error -122, write',
    'EDQUOT: disk quota exceeded, write',
  ],
  ['Unknown system error -116', 'ESTALE: stale file handle'],
  ["ENOENT: no such file or directory, open 'x'", "ENOENT: no such file or directory, open 'x'"],
])('%s', (message, named) => {
  expect(withErrorNames(message)).toBe(named);
  expect(messageOf(new Error(message))).toBe(named);
});
