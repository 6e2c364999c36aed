import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { errorName, fileFault } from '../src/error-names.js';
import { messageOf, readFault, writeFault } from '../src/faults.js';

test.each([
  [28, 'ENOSPC', 'no space left on device'],
  [116, 'ESTALE', 'stale file handle'],
  [122, 'EDQUOT', 'disk quota exceeded'],
  [999, 'errno 999', 'unknown error'],
])('%d is %s: %s', (errno, name, text) => {
  expect(errorName(errno)).toEqual([name, text]);
});

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** As Node makes it. */
function failed(code: string, errno?: number): Error {
  return Object.assign(new Error(`${code}: words of Node, open 'x'`), {
    ...{ code, syscall: 'open' },
    ...(errno === undefined ? {} : { errno }),
  });
}

test.each([
  ['ENOENT', 'x.pcap: no such file', 'x.pcap: no such directory'],
  ['EACCES', 'x.pcap: permission denied', 'x.pcap: permission denied'],
  ['EISDIR', 'x.pcap: is a directory', 'x.pcap: is a directory'],
  ['EROFS', 'x.pcap: read-only file system', 'x.pcap: read-only file system'],
  ['ENOSPC', 'disk full: x.pcap', 'disk full: x.pcap'],
  ['EIO', 'x.pcap: input/output error', 'x.pcap: input/output error'],
])('%s of a file: its name once, and words', (code, read, written) => {
  expect(readFault('x.pcap', failed(code))).toBe(read);
  expect(writeFault('x.pcap', failed(code))).toBe(written);
});

test.each([
  ['Unknown system error -122', -122, 'disk quota exceeded: x'],
  ['Unknown system error -116', -116, 'x: stale file handle'],
])('%s is none', (code, errno, text) => {
  expect(writeFault('x', failed(code, errno))).toBe(text);
});

test('what Node throws is said likewise, wherever it comes up', () => {
  expect(messageOf(thrown(() => readFileSync('/none/x')))).toBe('/none/x: no such file');
  expect(messageOf(thrown(() => readFileSync('/')))).toBe('is a directory');
});

test('what is no error of the system stays as it is', () => {
  const damaged = Object.assign(new Error('incorrect header check'), {
    errno: -3,
    code: 'Z_DATA_ERROR',
  });
  expect(fileFault(damaged, 'x')).toBeUndefined();
  expect(readFault('x', damaged)).toBe('cannot read x: incorrect header check');
  expect(writeFault('x', new Error('y is a link'))).toBe('cannot write x: y is a link');
  expect(messageOf('a text')).toBe('a text');
});
