/** docs/ndjson.md names each counter and each kind of unread packets, in the order in which an object has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { COUNTERS, UNREADS } from '../../src/core/layouts.js';

test.each([
  ['counters', /^\| `counters` \| (.*?)\. How they add up/m, COUNTERS],
  ['unread packets', /^\| `unread` \| .*? any: (.*?)\. What each is/m, UNREADS],
])('the list of %s', (_, row, names) => {
  const text = readFileSync(join(repositoryRoot, 'docs/ndjson.md'), 'utf8');
  const [, list = ''] = row.exec(text) ?? [];
  const named = [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const told = names.map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  expect(named).toEqual(told);
});
