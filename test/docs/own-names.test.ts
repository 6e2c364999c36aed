/** --label refuses the names of all that pping tells: those that the documents have. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { isOwnName } from '../../src/format/own-names.js';

const read = (name: string) => readFileSync(join(repositoryRoot, 'docs', name), 'utf8');

/** In the first column of its tables, without what is in another object. */
function fieldsOfNdjson(): string[] {
  const cells = read('ndjson.md').matchAll(/^\| ((?:`\w+`(?:, | to )?)+) \|/gm);
  return [...cells].flatMap(([, cell = '']) => Array.from(cell.matchAll(/\w+(?=`)/g), String));
}

function columnsOfCsv(): string[] {
  const headings = read('csv.md').match(/^ {4}timestamp,.*$/gm) ?? [];
  return headings.flatMap((heading) => heading.trim().split(','));
}

/** In the columns of labels, and the table of labels. */
function labelsOfMetrics(): string[] {
  const cells = read('metrics.md').matchAll(
    /^\| `\w+` \| (?:counter|gauge) \| ((?:`\w+`(?:, )?)+) \||^\| `(\w+)` \| [^|]+ \|$/gm,
  );
  return [...cells].flatMap(([, several = '', one = '']) =>
    Array.from(`${several} ${one}`.matchAll(/\w+/g), String),
  );
}

test.each([
  ['fields of NDJSON', fieldsOfNdjson, 100],
  ['columns of CSV', columnsOfCsv, 50],
  ['labels of metrics', labelsOfMetrics, 10],
])('%s', (_, names, least) => {
  expect(names().length).toBeGreaterThan(least);
  expect(names().filter((name) => !isOwnName(name))).toEqual([]);
});
