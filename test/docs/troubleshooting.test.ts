/** docs/troubleshooting.md explains messages that pping prints. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { codeIn, readDocument } from '../helpers/documents/documents.js';

/** Shorter parts are in any source. */
const LEAST = 6;

const source = [...typescriptIn('src'), 'bin/pping']
  .map((path) => readFileSync(join(repositoryRoot, path), 'utf8'))
  .join('\n');

function typescriptIn(folder: string): string[] {
  const names = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}

/** In the first column of its tables. */
function messages(): string[] {
  const lines = readDocument('docs/troubleshooting.md').split('\n');
  return lines.flatMap((line) => codeIn(/^\| (`.*?) \|/.exec(line)?.[1] ?? ''));
}

/** What stands between `...`, without the punctuation that joins it. */
function partsOf(message: string): string[] {
  const parts = message.split('...').map((part) => part.replace(/^[\s(),;:]+|[\s(),;:]+$/g, ''));
  return parts.filter((part) => part.length >= LEAST);
}

test('there are many', () => expect(messages().length).toBeGreaterThan(30));

test.each(messages())('%s', (message) => {
  expect(partsOf(message).filter((part) => !source.includes(part))).toEqual([]);
});
