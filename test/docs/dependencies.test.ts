/** Each dependency has its reason in docs/dependencies.md, and none comes in unnoticed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';

interface Manifest {
  readonly dependencies: Record<string, string>;
  readonly optionalDependencies: Record<string, string>;
  readonly devDependencies: Record<string, string>;
}

interface Lock {
  readonly packages: Record<string, { readonly dev?: boolean }>;
}

const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');
const document = read('docs/dependencies.md');
const manifest = JSON.parse(read('package.json')) as Manifest;
const [forUsers = '', forDevelopers = ''] = document.split('For development:');

/** Names in the first column of a table. */
function rows(text: string): string[] {
  const cells = text.split('\n').flatMap((line) => /^\| (`.*?) \|/.exec(line)?.[1] ?? []);
  const names = cells.flatMap((cell) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name),
  );
  return names.filter((name) => name !== undefined).sort();
}

test('every package that users install has a reason', () => {
  const { dependencies, optionalDependencies } = manifest;
  const names = Object.keys({ ...dependencies, ...optionalDependencies });
  // Its other name, and what is no package of npm's.
  expect(rows(forUsers)).toEqual([...names, '@2060.io/ffi-napi', 'libbpf.so.1'].sort());
});

test('every package for development has a reason', () => {
  const names = Object.keys(manifest.devDependencies);
  expect(rows(forDevelopers)).toEqual(names.sort());
});

test('as many packages as are said reach a user', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as Lock;
  const installed = Object.keys(packages).filter((path) => path !== '' && !packages[path]?.dev);
  expect(forUsers).toContain(`${installed.length} packages in all`);
});
