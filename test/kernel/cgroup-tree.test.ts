/** Walks through real cgroups. */
import { chownSync, mkdirSync, rmdirSync, statSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { CgroupTree, delegatedBetween } from '../../src/owners/cgroup-tree.js';
import { useCgroups } from '../helpers/kernel/cgroup.js';

const makeCgroup = useCgroups();
const idOf = (directory: string) => statSync(directory, { bigint: true }).ino;
const still = () => 0;
const STRANGER = 65_534;

test('a walk gives all directories with their ids, each before those in it', () => {
  const { directory } = makeCgroup('top');
  for (const name of ['a', 'a/b', 'a/b/c', 'd', 'e', 'e/f']) mkdirSync(`${directory}/${name}`);
  const found = new CgroupTree(directory, still).walk();
  const depths = found.map((each) => [each.directory.slice(directory.length), each.depth]);
  expect(Object.fromEntries(depths)).toEqual({
    '': 0,
    '/a': 1,
    '/a/b': 2,
    '/a/b/c': 3,
    '/d': 1,
    '/e': 1,
    '/e/f': 2,
  });
  const names = depths.map(([name]) => name);
  expect(names.indexOf('/a')).toBeLessThan(names.indexOf('/a/b'));
  expect(names[0]).toBe('');
  expect(found.map(({ id }) => id)).toEqual(found.map((each) => idOf(each.directory)));
});

test('what is gone when it is looked for gives nothing', () => {
  const { directory } = makeCgroup('top');
  rmdirSync(directory);
  expect(new CgroupTree(directory, still).walk()).toEqual([]);
});

test("a walk tells from where on directories are not root's", () => {
  const { directory } = makeCgroup('top');
  for (const name of ['a', 'a/b', 'a/b/c', 'a/b/c/d']) mkdirSync(`${directory}/${name}`);
  chownSync(`${directory}/a/b`, STRANGER, STRANGER);
  const found = new CgroupTree(directory, still).walk();
  const delegated = found.map((each) => [
    each.directory.slice(directory.length),
    each.delegatedAt,
    delegatedBetween(directory, each.directory),
  ]);
  expect(delegated.sort()).toEqual([
    ['', undefined, undefined],
    ['/a', undefined, undefined],
    ['/a/b', 2, 2],
    ['/a/b/c', 2, 2],
    ['/a/b/c/d', 2, 2],
  ]);
});

test('what was in a directory that is gone may be what its user has named', () => {
  const { directory } = makeCgroup('top');
  mkdirSync(`${directory}/a`);
  expect(delegatedBetween(directory, `${directory}/a/gone/nginx.service`)).toBe(2);
});

test.each([
  ['a quick walk', 0, 250],
  ['one of 10 ms', 10, 250],
  ['one of 100 ms', 100, 2_000],
])('after %s the next one waits', (_, takes, waits) => {
  const { directory } = makeCgroup('top');
  const times = [1_000, 1_000 + takes];
  let now = 0;
  const tree = new CgroupTree(directory, () => times.shift() ?? now);
  tree.walk();
  now = 1_000 + takes + waits - 1;
  expect(tree.isDue).toBe(false);
  now += 1;
  expect(tree.isDue).toBe(true);
});

test('the first walk waits for nothing', () => {
  expect(new CgroupTree(makeCgroup('top').directory, still).isDue).toBe(true);
});
