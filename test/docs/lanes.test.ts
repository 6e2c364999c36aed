/** What `make test` leaves out is slow, and never all there is of a folder. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { ALONE, SLOW } from '../lanes.js';

const names = readdirSync(join(repositoryRoot, 'test'), { recursive: true, encoding: 'utf8' });
const suites = names.filter((name) => name.endsWith('.test.ts')).map((name) => name.slice(0, -8));

test('every folder has fast suites', () => {
  const folders = (paths: readonly string[]) => [...new Set(paths.map(dirname))].sort();
  expect(folders(suites.filter((suite) => !SLOW.includes(suite)))).toEqual(folders(suites));
});

test.each([
  ['slow', SLOW],
  ['alone', ALONE],
])('what is %s is there, and named once', (_, lane) => {
  expect(lane.filter((suite) => !suites.includes(suite))).toEqual([]);
  expect(new Set(lane).size).toBe(lane.length);
});

test('the README and CI say which command runs what', () => {
  const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');
  for (const command of ['make test ', 'make test-all '])
    expect(read('README.md')).toContain(command);
  expect(read('.ci/run')).toMatch(/^make test-all /m);
  expect(read('Makefile')).toContain("--selectProjects fast 'fast, alone'");
});
