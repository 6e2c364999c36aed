import { chmodSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { openSecret } from '../../src/named-files.js';
import { readHeaders } from '../../src/upload/headers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();

function fileWith(text: string, mode = 0o600): string {
  const path = inFolder('headers');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const headersIn = (text: string) => {
  const path = fileWith(text);
  return readHeaders(openSecret(path), path);
};

test('one a line, without comments and empty lines', () => {
  const text =
    'Authorization: Bearer a:b c  \r\n\n# X-No: 1\n  # X-No: 2\nX-Scope-OrgID:7\nX-Empty:';
  expect(headersIn(text)).toEqual([
    ['authorization', 'Bearer a:b c'],
    ['x-scope-orgid', '7'],
    ['x-empty', ''],
  ]);
});

test.each([
  ['secret', 'line 1: not a header: write Name: value'],
  ['A: b\n: secret', 'line 2: not a header: write Name: value'],
  ['A b: secret', 'line 1: not a header: write Name: value'],
  ['A: secret\u0001', 'line 1: not a header: write Name: value'],
  ['A: b\nContent-Encoding: secret', 'line 2: pping sets content-encoding itself'],
  ['Content-Length: secret', 'line 1: pping sets content-length itself'],
])('%j is refused, without its text', (text, expected) => {
  const path = inFolder('headers');
  expect(() => headersIn(text)).toThrow(new UsageError(`${path}: ${expected}`));
});

describe('a file that', () => {
  test.each([0o604, 0o644, 0o666])('others can read (%o) is refused', (mode) => {
    const path = fileWith('A: b', mode);
    expect(() => openSecret(path)).toThrow(UsageError);
    expect(() => openSecret(path)).toThrow('others can read it');
  });

  test.each([0o400, 0o600, 0o640])('only its owner and group can read (%o) is taken', (mode) => {
    const path = fileWith('A: b', mode);
    expect(readHeaders(openSecret(path), path)).toEqual([['a', 'b']]);
  });

  test('is not there, or a directory, is refused by its name', () => {
    expect(() => openSecret(inFolder('none'))).toThrow(`${inFolder('none')}: no such file`);
    expect(() => readHeaders(openSecret(inFolder('.')), 'folder')).toThrow(
      'folder: is a directory',
    );
  });
});
