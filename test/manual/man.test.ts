import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { manPage } from '../../src/manual/man.js';
import { type Outline, type OutlinedOption, outline } from '../../src/manual/outline.js';
import { EXAMPLES } from '../../src/options/command.js';
import { withTerms } from '../../src/options/row.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const COMMITTED = join(repositoryRoot, 'man/pping.1');
const { version } = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8')) as {
  version: string;
};
const inFolder = useTemporaryFolder();

/** As it is read, in lines that are long enough for every paragraph. */
function rendered(file: string): { text: string; warnings: string } {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '1000' };
  const { stdout, stderr } = spawnSync('man', ['--warnings', '--nh', '--nj', '-l', file], {
    env,
    encoding: 'utf8',
  });
  const text = execFileSync('col', ['-bx'], { input: stdout, env, encoding: 'utf8' });
  return { text, warnings: stderr };
}

const linesOf = (file: string) =>
  rendered(file)
    .text.split('\n')
    .map((line) => line.trim());

function option(overrides: Partial<OutlinedOption>): OutlinedOption {
  return {
    names: ['--odd'],
    argument: undefined,
    description: 'odd',
    default: undefined,
    terms: [],
    completion: 'none',
    isRepeatable: false,
    ...overrides,
  };
}

function outlineOf(...options: readonly OutlinedOption[]): Outline {
  return { description: 'd', groups: [{ heading: 'Group', options }], commands: [] };
}

describe('the committed page', () => {
  test('is what the options make of it (make manual)', () => {
    expect(readFileSync(COMMITTED, 'utf8')).toBe(manPage(outline(), version));
  });

  test('is rendered without a warning', () => {
    expect(rendered(COMMITTED).warnings).toBe('');
  });

  test('has every option and command, with its words, argument and terms', () => {
    const lines = linesOf(COMMITTED);
    const { groups, commands } = outline();
    const bare = (text = '') => text.replace(/[<>]/g, '');
    for (const { names, argument, description, terms } of [
      ...groups.flatMap(({ options }) => options),
      ...commands.flatMap(({ options }) => options),
    ]) {
      const head = `${names.join(', ')} ${bare(argument)}`.trim();
      const text = withTerms(description, terms);
      // A short head has its text beside it.
      const isThere = lines.some(
        (line, index) =>
          line.startsWith(head) &&
          [lines[index + 1], line.slice(head.length).trim()].includes(text),
      );
      expect({ head, text, isThere }).toEqual({ head, text, isThere: true });
    }
    for (const { name, description, arguments: text } of commands) {
      const at = lines.indexOf(`pping ${name} ${bare(text)}`.trim(), lines.indexOf('COMMANDS'));
      expect(lines[at + 1]).toBe(description);
    }
  });

  test('has examples that can be copied: hyphens and quotes are those of ASCII', () => {
    const lines = linesOf(COMMITTED);
    for (const [line, text] of EXAMPLES) expect(lines[lines.indexOf(line) + 1]).toBe(text);
  });

  test('has the sections that manual pages have', () => {
    const headings = rendered(COMMITTED).text.match(/^[A-Z][A-Z ]+$/gm);
    expect(headings).toEqual([
      ...['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'COMMANDS', 'EXAMPLES', 'OUTPUT'],
      ...['EXIT STATUS', 'SIGNALS', 'ENVIRONMENT', 'FILES', 'NOTES', 'SEE ALSO'],
    ]);
  });
});

describe('words that mean something to roff', () => {
  test.each([
    ['.TH is no request', '\\&.TH is no request'],
    ["'br neither", '\\(aqbr neither'],
    ['a \\fB is no font', 'a \\efB is no font'],
    ['-o is a hyphen to copy', '\\-o is a hyphen to copy'],
    ["'p99>50ms'", '\\(aqp99>50ms\\(aq'],
  ])('%s: are said literally', (description, roff) => {
    const page = manPage(outlineOf(option({ description })), '1');
    expect(page.split('\n')).toContain(roff);
    writeFileSync(inFolder('pping.1'), page);
    expect(linesOf(inFolder('pping.1'))).toContain(`--odd  ${description}`);
    expect(rendered(inFolder('pping.1')).warnings).toBe('');
  });

  test('are so in arguments and terms, too', () => {
    const odd = option({ argument: '<a-b\\c>', description: 'x', terms: ["default: -'\\"] });
    writeFileSync(inFolder('pping.1'), manPage(outlineOf(odd), '1'));
    const lines = linesOf(inFolder('pping.1'));
    expect(lines[lines.indexOf('--odd a-b\\c') + 1]).toBe("x (default: -'\\)");
  });
});
