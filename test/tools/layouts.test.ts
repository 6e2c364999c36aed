/** C is the only truth about layouts: what TypeScript knows of them is made from it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import * as LAYOUTS from '../../src/core/layouts.js';
import { layouts } from '../../tools/layouts/generate.js';

const OBJECT = join(repositoryRoot, 'dist/tools/layouts.o');
const GENERATED = join(repositoryRoot, 'src/core/layouts.ts');

test('src/core/layouts.ts is what the headers say now', () => {
  const made = layouts(OBJECT, join(repositoryRoot, 'bpf'));
  const isStale = made !== readFileSync(GENERATED, 'utf8');
  expect(isStale ? 'it is stale: run `make layout`' : 'up to date').toBe('up to date');
});

test('events begin with their header', () => {
  const events = Object.entries(LAYOUTS).filter(([name]) => name.endsWith('_EVENT'));
  expect(events.map(([, event]) => event)).toEqual(
    events.map(() => expect.objectContaining({ header: 0 })),
  );
  expect(events).toHaveLength(Object.keys(LAYOUTS.EVENT_TYPE).length);
});
