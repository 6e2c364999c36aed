/** All that quotes the version says the same. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';

const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

test('the lock file', () => {
  const lock = JSON.parse(read('package-lock.json'));
  expect([lock.version, lock.packages[''].version]).toEqual([version, version]);
});

test('the Nodes that are supported are those that are tested, and one of them is packed', () => {
  const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
  const majors = engines.node.split(' || ').map((range) => /\d+/.exec(range)?.[0]);
  const [, tested = ''] = /PPING_NODES:-([\d ]+)\}/.exec(read('tools/test-nodes')) ?? [];
  // 20 is what all the tests run with.
  expect(majors).toEqual(['20', ...tested.split(' ')]);
  expect(majors).toContain(read('packaging/node.lock').split(/[ .]/)[1]);
  expect(read('README.md')).toContain(`(tested: ${majors.join(', ')})`);
});

test('the newest section of the changelog that has a date', () => {
  const [, newest] = /^## (\S+) \(\d{4}-\d\d-\d\d\)$/m.exec(read('CHANGELOG.md')) ?? [];
  expect(newest).toBe(version);
});
