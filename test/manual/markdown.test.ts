/** docs/options.md. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { optionsPage } from '../../src/manual/markdown.js';
import { type OutlinedOption, outline } from '../../src/manual/outline.js';

const ODD: OutlinedOption = {
  names: ['-o', '--odd'],
  argument: '<a|b>',
  description: "as --even, 'a>b', 'a>b for c', flows' or *.log; - is snake_case, <none> | NO_COLOR",
  default: '--even',
  terms: ['only with -r', 'repeatable', 'default: --even'],
  completion: 'none',
  isRepeatable: true,
};

test('the committed page is what the options make of it (make manual)', () => {
  const committed = readFileSync(join(repositoryRoot, 'docs/options.md'), 'utf8');
  expect(committed).toBe(optionsPage(outline()));
});

test('what means something to Markdown is said literally, and what is typed is code', () => {
  const group = { heading: 'Group', note: 'Note.', options: [ODD] };
  const page = optionsPage({ description: 'd', groups: [group], commands: [] });
  expect(page).toContain('\n\n## Group\n\nNote.\n\n| option | default | meaning |\n| --- |');
  expect(page.split('\n').find((line) => line.startsWith('| `-o'))).toBe(
    "| `-o, --odd <a\\|b>` | `--even` | as `--even`, `a>b`, `a>b for c`, flows' or `*.log`; `-` is snake\\_case, \\<none> \\| `NO_COLOR` (only with `-r`; repeatable) |",
  );
});

test('text is wrapped at 100 columns; tables cannot be', () => {
  const lines = optionsPage(outline()).split('\n');
  expect(lines.filter((line) => line.length > 100 && !line.startsWith('|'))).toEqual([]);
});
