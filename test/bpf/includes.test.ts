/** Who includes whom in bpf/: layouts, then parsing, then the core, then the two targets, which do not know each other. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { codeIn, readDocument, tableBelow } from '../helpers/documents/documents.js';

const FOLDER = join(repositoryRoot, 'bpf');
/** What each part may include beside itself, as docs/architecture.md has it. */
const MAY_INCLUDE = rules();

const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\.[ch]$/.test(file),
);

test.each(files)('%s includes what it may', (file) => {
  const part = partOf(file);
  const strangers = includesOf(file)
    .map(partOf)
    .filter((other) => other !== part && !MAY_INCLUDE[part]?.includes(other));
  expect({ part, known: part in MAY_INCLUDE, strangers }).toEqual({
    part,
    known: true,
    strangers: [],
  });
});

test('nothing includes itself, however far round', () => {
  const circles = files.filter((file) => reachable(file).has(file));
  expect(circles).toEqual([]);
});

test('there is no part that is gone', () => {
  expect(Object.keys(MAY_INCLUDE).filter((part) => !files.map(partOf).includes(part))).toEqual([]);
});

/** A row is about one part, or about several that may include the same. */
function rules(): Record<string, readonly string[]> {
  const heading = 'Who may include whom in `bpf/`';
  const rows = tableBelow(readDocument('docs/architecture.md'), heading);
  return Object.fromEntries(
    rows.flatMap(([parts = '', , others = '']) =>
      codeIn(parts).map((part) => [part, codeIn(others)]),
    ),
  );
}

/** A folder, or a file beside the folders. */
function partOf(file: string): string {
  return file.split('/')[0] as string;
}

/** Paths below bpf/. */
function includesOf(file: string): string[] {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return [...text.matchAll(/^#include "(.*)"/gm)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );
}

function reachable(file: string, seen = new Set<string>()): Set<string> {
  for (const next of includesOf(file)) {
    if (seen.has(next)) continue;
    seen.add(next);
    reachable(next, seen);
  }
  return seen;
}
