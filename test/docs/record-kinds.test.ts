/** Wherever the types of objects in NDJSON are listed, all are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { KINDS } from '../helpers/events/kinds.js';

const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');
const NDJSON = read('docs/ndjson.md');
const wordsIn = (text = '') => [...text.matchAll(/`"?(\w+)"?`/g)].map(([, word]) => word).sort();

test('the field type in docs/ndjson.md', () => {
  expect(wordsIn(/^\| `type` \|(.*)$/m.exec(NDJSON)?.[1])).toEqual(KINDS);
});

test.each(KINDS)('%s has its part of docs/ndjson.md', (kind) => {
  expect(NDJSON).toMatch(new RegExp(`^\`${kind}\`[,;] `, 'm'));
});

test('docs/http-output.md says of each whether a table of ClickHouse has it, as the schema does', () => {
  const text = read('docs/http-output.md').replaceAll(/\s+/g, ' ');
  const [, kept, others] =
    /The tables store objects of \[type\]\(ndjson\.md\) (.*?)\. Others are in no table: (.*?)\. /.exec(
      text,
    ) ?? [];
  const schema = read('share/clickhouse/schema.sql');
  const selected = new Set([...schema.matchAll(/^WHERE type = '(\w+)'/gm)].map(([, kind]) => kind));
  expect(wordsIn(kept)).toEqual([...selected].sort());
  expect([...wordsIn(kept), ...wordsIn(others)].sort()).toEqual(KINDS);
});
