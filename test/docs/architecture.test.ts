/** What docs/architecture.md says of imports is what the linter holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { codeIn, readDocument, tableBelow } from '../helpers/documents/documents.js';

interface Override {
  readonly includes: readonly string[];
  readonly linter: {
    readonly rules: {
      readonly style: {
        readonly noRestrictedImports: {
          readonly options: { readonly patterns: readonly { readonly group: readonly string[] }[] };
        };
      };
    };
  };
}

const folders = readdirSync(join(repositoryRoot, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** What each folder may import from, as the document has it. */
function documented(): Record<string, readonly string[]> {
  const heading = 'Folders, and who may import whom';
  const rows = tableBelow(readDocument('docs/architecture.md'), heading);
  return Object.fromEntries(
    rows.map(([folder = '', , imports = '']) => [codeIn(folder)[0], importsIn(imports)]),
  );
}

/** A list of folders, or `all but` these. */
function importsIn(cell: string): readonly string[] {
  const named = codeIn(cell);
  return cell.startsWith('all but') ? folders.filter((name) => !named.includes(name)) : named;
}

/** The same as the linter has it: all is forbidden but `!../<folder>/**`. */
function enforced(): Record<string, readonly string[]> {
  const { overrides } = JSON.parse(readFileSync(join(repositoryRoot, 'biome.json'), 'utf8')) as {
    overrides: readonly Override[];
  };
  const rules = overrides.flatMap(({ includes: [where = ''], linter }) => {
    const [, folder] = /^src\/([\w-]+)\/\*\.ts$/.exec(where) ?? [];
    if (folder === undefined) return [];
    const [pattern] = linter.rules.style.noRestrictedImports.options.patterns;
    const [forbidden, ...allowed] = pattern?.group ?? [];
    expect(forbidden).toBe('../*/**');
    return [
      [folder, allowed.map((each) => each.replace(/^!\.\.\/([\w-]+)\/\*\*$/, '$1'))] as const,
    ];
  });
  return Object.fromEntries(rules);
}

/** A folder may import itself: saying so or not is the same. */
const sorted = (imports: Record<string, readonly string[]>) =>
  Object.fromEntries(
    Object.entries(imports).map(([folder, others]) => [
      folder,
      others.filter((other) => other !== folder).sort(),
    ]),
  );

test('every folder of src/ has its row', () => {
  expect(Object.keys(documented()).sort()).toEqual(folders);
});

test('each may import what the linter lets it', () => {
  expect(sorted(documented())).toEqual(sorted(enforced()));
});
