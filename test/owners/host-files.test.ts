import { execFileSync } from 'node:child_process';
import { statSync, truncateSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { useHostTree } from '../helpers/runner/host-tree.js';

const tree = useHostTree();
const textAt = (path: string, most = 100) => tree.files().text(path, most);
afterEach(() => {
  jest.restoreAllMocks();
});

describe('a file', () => {
  test('is read, as far as it is there and readable as a file', () => {
    tree.file('/var/lib/x/file', 'web ü');
    expect(textAt('/var/lib/x/file')).toBe('web ü');
    expect(textAt('/var/lib/x/none')).toBeUndefined();
    expect(textAt('/var/lib/x')).toBeUndefined();
    expect(textAt('/var/lib/x/file/none')).toBeUndefined();
  });

  test('is not read where it has too many bytes', () => {
    tree.file('/x/file', 'x'.repeat(100));
    expect(textAt('/x/file')).toHaveLength(100);
    expect(textAt('/x/file', 99)).toBeUndefined();
    truncateSync(tree.at('/x/file'), 2 ** 40);
    expect(textAt('/x/file')).toBeUndefined();
  });

  test('is not waited for: a pipe is none', () => {
    tree.folder('/x');
    execFileSync('mkfifo', [tree.at('/x/pipe')]);
    expect(textAt('/x/pipe')).toBeUndefined();
  });

  test.each([
    ['that others may write to', '/x/y/file', 0o606],
    ['that its group may write to', '/x/y/file', 0o660],
    ['in a directory that others may write to', '/x/y', 0o777],
    ['in a directory that its group may write to', '/x/y', 0o775],
    ['in a directory like /tmp', '/x/y', 0o1777],
  ])('%s is not read', (_, path, mode) => {
    tree.file('/x/y/file', 'text');
    expect(textAt('/x/y/file')).toBe('text');
    tree.chmod(path, mode);
    expect(textAt('/x/y/file')).toBeUndefined();
  });

  test('below one that a group may write to is read, as /var/log of Ubuntu', () => {
    tree.file('/x/y/file', 'text');
    tree.chmod('/x', 0o775);
    expect(textAt('/x/y/file')).toBe('text');
  });

  test('is not read where it is somebody else’s', () => {
    tree.file('/x/y/file', 'text');
    const files = tree.files((process.getuid?.() ?? 0) + 1);
    expect(files.text('/x/y/file', 100)).toBeUndefined();
    expect(files.namesIn('/x/y', 100)).toEqual([]);
  });
});

describe('a link', () => {
  test('that nobody else can have made is followed, and stays within the tree', () => {
    tree.file('/data/docker/file', 'text');
    tree.link('/var/lib/docker', '/data/docker');
    tree.link('/var/lib/relative', '../../data/../../../data/docker');
    expect(textAt('/var/lib/docker/file')).toBe('text');
    expect(textAt('/var/lib/relative/file')).toBe('text');
  });

  test('of others is not followed', () => {
    tree.file('/secret/file', 'text');
    tree.link('/x/y', '/secret');
    tree.chmod('/x', 0o777);
    expect(textAt('/x/y/file')).toBeUndefined();
    expect(tree.files().namesIn('/x/y', 10)).toEqual([]);
    expect(tree.files().versionOf('/x/y/file')).toBeUndefined();
  });

  test('to itself leads nowhere', () => {
    tree.link('/x/y', '/x/y');
    expect(textAt('/x/y')).toBeUndefined();
  });
});

describe('a directory', () => {
  test('has names, of which no more are read than were asked for', () => {
    for (const name of ['a', 'b', 'c']) tree.file(`/x/${name}`, '');
    const files = tree.files();
    expect(files.namesIn('/x', 10).sort()).toEqual(['a', 'b', 'c']);
    expect(files.namesIn('/x', 2)).toHaveLength(2);
    expect(files.namesIn('/none', 2)).toEqual([]);
    expect(files.namesIn('/x/a', 2)).toEqual([]);
  });

  test('that others may write to has none to believe', () => {
    tree.file('/x/a', '');
    tree.chmod('/x', 0o777);
    expect(tree.files().namesIn('/x', 10)).toEqual([]);
  });
});

test('a change shows, once some time has passed since the last', () => {
  tree.file('/x/file', 'one');
  const files = tree.files();
  const changed = Math.floor(statSync(tree.at('/x/file')).mtimeMs);
  const clock = jest.spyOn(Date, 'now').mockReturnValue(changed + 100);
  expect(files.versionOf('/x/file')?.isSettled).toBe(false);
  clock.mockReturnValue(changed + 101);
  expect(files.versionOf('/x/file')?.isSettled).toBe(true);
  clock.mockRestore();
  tree.settle('/x/file');
  const before = files.versionOf('/x/file');
  expect(before?.isSettled).toBe(true);
  expect(files.versionOf('/x/file')).toEqual(before);
  tree.file('/x/file', 'two');
  expect(files.versionOf('/x/file')?.text).not.toBe(before?.text);
  expect(files.versionOf('/x/none')).toBeUndefined();
});
