/** docs/ndjson.md names each counter, in the order in which an object has them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { COUNTERS } from '../../src/core/layouts.js';

test('the list of counters', () => {
  const text = readFileSync(join(repositoryRoot, 'docs/ndjson.md'), 'utf8');
  const [, row = ''] = /^\| `counters` \| (.*?)\. How they add up/m.exec(text) ?? [];
  const named = [...row.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  const told = COUNTERS.map((name) =>
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
  expect(named).toEqual(told);
});
