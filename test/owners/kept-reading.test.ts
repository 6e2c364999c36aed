import { rmSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { KeptReading } from '../../src/owners/kept-reading.js';
import { useHostTree } from '../helpers/runner/host-tree.js';

const tree = useHostTree();

test('is read again when it changes, and only then', () => {
  const files = tree.files();
  let reads = 0;
  const kept = new KeptReading(files, '/x/file', (path) => `${++reads} ${files.text(path, 100)}`);
  expect(kept.get()).toBeUndefined();
  tree.file('/x/file', 'one');
  tree.settle('/x/file');
  expect(kept.get()).toBe('1 one');
  expect(kept.get()).toBe('1 one');
  tree.file('/x/file', 'other');
  tree.settle('/x/file');
  expect(kept.get()).toBe('2 other');
  rmSync(tree.at('/x/file'));
  expect(kept.get()).toBeUndefined();
  expect(reads).toBe(2);
});

test('what has just changed may change again unseen: it is not kept', () => {
  const files = tree.files();
  tree.file('/x/file', 'one');
  const kept = new KeptReading(files, '/x/file', (path) => files.text(path, 100));
  expect(kept.get()).toBe('one');
  tree.file('/x/file', 'two');
  expect(kept.get()).toBe('two');
});
