/** An option is in --help, the manual, all completions and docs/options.md, or in none of them. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { pping, repositoryRoot } from '../../lab/places.js';

const run = (...args: readonly string[]) =>
  execFileSync(process.execPath, [pping, ...args], { encoding: 'utf8' });
const read = (name: string) => readFileSync(join(repositoryRoot, name), 'utf8');

/** With one hyphen or two, and not those within other words, as n[-m]. */
function optionsIn(text: string): string[] {
  return [...new Set(text.match(/(?<![\w[-])(--[a-z][a-z\d-]+|-[A-Za-z])(?![\w-])/g))].sort();
}

const linesOf = (text: string, pattern: RegExp) =>
  text
    .split('\n')
    .filter((line) => pattern.test(line))
    .join('\n');

function between(text: string, start: string, end: string): string {
  const from = text.indexOf(start);
  return text.slice(from, text.indexOf(end, from + start.length));
}

/** Where an option is defined there, and not where it is only spoken of. */
function helpOptions(help: string): string[] {
  const heads = linesOf(help, /^ {2}-/).split('\n');
  return optionsIn(heads.map((line) => line.trim().split(/ {2,}/)[0]).join('\n'));
}

const MANUAL = read('man/pping.1').replaceAll('\\-', '-');

const manualOptions = (text: string) =>
  optionsIn(linesOf(text, /^\\fB-/).replace(/\\f[BIR]/g, ' '));

/** What the manual says of each command, beginning with its name. */
const MANUAL_COMMANDS = between(MANUAL, '.SH COMMANDS', '.SH EXAMPLES')
  .split('\\fBpping ')
  .slice(1);

const zshSpecs = (text: string) =>
  [
    ...new Set(Array.from(text.matchAll(/'(?:\([^)]*\)|\*)(-[\w-]+)\[/g), ([, name = '']) => name)),
  ].sort();

const bashWords = (line: string) => optionsIn(/compgen -W "(-[^"]*)"/.exec(line)?.[1] ?? '');

/** Of lines for everything but the commands, or for one of these. */
const fishOptions = (script: string, where: string) =>
  [
    ...new Set(
      script
        .split('\n')
        .filter((line) => line.startsWith(`complete -c pping -n '${where}`))
        .flatMap((line) => [
          ...Array.from(line.matchAll(/ -l ([\w-]+)(?= -[rxd] )/g), ([, name]) => `--${name}`),
          ...Array.from(line.matchAll(/' -s (\w)/g), ([, name]) => `-${name}`),
        ]),
    ),
  ].sort();

const PAGE = read('docs/options.md');
const pageHeads = (text: string) => optionsIn(linesOf(text, /^\| `-/).replace(/` \|.*$/gm, ''));

const HELP = run('--help');
const BASH = run('completion', 'bash');
const ZSH = run('completion', 'zsh');
const FISH = run('completion', 'fish');

test('there are many', () => {
  expect(helpOptions(HELP).length).toBeGreaterThan(40);
  expect(helpOptions(HELP)).toEqual(
    expect.arrayContaining(['-V', '--exclude-port', '--until', '-q']),
  );
});

test.each([
  ['the manual', manualOptions(between(MANUAL, '.SH OPTIONS', '.SH COMMANDS'))],
  ["bash's completion", bashWords(linesOf(BASH, /^ {2}if .*COMP_CWORD != 1/))],
  ["zsh's completion", zshSpecs(ZSH.slice(ZSH.indexOf('_arguments -s')))],
  ["fish's completion", fishOptions(FISH, 'not __pping_in ')],
  ['docs/options.md', pageHeads(between(PAGE, '# Options', '## Commands'))],
])('%s has each option of --help, and no other', (_, options) => {
  expect(options).toEqual(helpOptions(HELP));
});

test('bash completes the argument of each option that has one, and of no other', () => {
  const cases = linesOf(between(BASH, 'case $previous', 'esac'), /^ {4}-/);
  const withArgument = linesOf(HELP, /^ {2}-.*<.*>/).split('\n');
  expect(optionsIn(cases.replace(/\).*/gm, '').replaceAll('|', ' '))).toEqual(
    optionsIn(withArgument.map((line) => line.replace(/<.*/, '')).join('\n')),
  );
});

describe('the commands', () => {
  const names = Array.from(
    HELP.slice(HELP.indexOf('Commands:'), HELP.indexOf('Examples:')).matchAll(/^ {2}(\w+)/gm),
    ([, name = '']) => name,
  ).sort();

  test('are some', () => expect(names).toContain('report'));

  test.each([
    ['the manual', MANUAL_COMMANDS.map((text) => text.split('\\fR')[0])],
    ["bash's completion", / {2}else .*-W "([\w ]+)"/.exec(BASH)?.[1]?.split(' ')],
    [
      "zsh's completion",
      Array.from(between(ZSH, 'commands=(', '\n').matchAll(/'(\w+):/g), ([, name]) => name),
    ],
    [
      "fish's completion",
      Array.from(FISH.matchAll(/'__pping_is_first' -a (\w+)/g), ([, name]) => name),
    ],
    ['docs/options.md', Array.from(PAGE.matchAll(/^### `pping (\w+)/gm), ([, name]) => name)],
  ])('are all in %s, and no other', (_, found) => {
    expect([...(found ?? [])].sort()).toEqual(names);
  });

  test.each(names)('%s has the same options everywhere', (name) => {
    const options = helpOptions(run(name, '--help')).filter(
      (option) => !/^(-h|--help)$/.test(option),
    );
    const line = new RegExp(`^ {4}${name}\\)`);
    const section = PAGE.split('\n### ').find((text) => text.startsWith(`\`pping ${name}`));
    expect({
      manual: manualOptions(MANUAL_COMMANDS.find((text) => text.startsWith(name)) ?? ''),
      bash: bashWords(linesOf(BASH, line)),
      zsh: zshSpecs(linesOf(ZSH, line)),
      fish: fishOptions(FISH, `__pping_in ${name}`),
      page: pageHeads(section ?? ''),
    }).toEqual({
      ...{ manual: options, bash: options, zsh: options, fish: options, page: options },
    });
  });
});
