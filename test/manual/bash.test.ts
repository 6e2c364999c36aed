/** The completion that bash has, asked by a real bash. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { bashCompletion } from '../../src/manual/bash.js';
import { outline } from '../../src/manual/outline.js';
import { useTmux } from '../helpers/command/tmux.js';
import { whileSteady } from '../helpers/runner/steady.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const inFolder = useTemporaryFolder();
const terminal = useTmux();
const SCRIPT = 'script.bash';

/** What readline does before it calls the function, and what it is told there. */
const ASK = `
  source ${SCRIPT}
  compopt() { :; }
  COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
  $(complete -p pping | sed -E 's/.* -F ([^ ]+) .*/\\1/')
  printf '%s\\n' "\${COMPREPLY[@]}"
`;

beforeEach(() => {
  writeFileSync(inFolder(SCRIPT), bashCompletion(outline()));
  for (const name of ['lab.pcap', 'my run.ndjson', 'my $HOME.ndjson', '-odd']) {
    writeFileSync(inFolder(name), '');
  }
  mkdirSync(inFolder('recorded'));
});

/** Of the last word, which may be empty. */
function completed(...words: readonly string[]): string[] {
  const text = execFileSync('bash', ['--norc', '-c', ASK, 'bash', 'pping', ...words], {
    cwd: dirname(inFolder(SCRIPT)),
    encoding: 'utf8',
  });
  return text.split('\n').filter((word) => word !== '');
}

const OPTIONS = outline().groups.flatMap(({ options }) => options);
const NAMES = OPTIONS.flatMap(({ names }) => [...names]);
const FORMATS = ['human', 'pping', 'ndjson', 'csv', 'ppviz'];

describe('an option', () => {
  test.each([
    [['-'], NAMES],
    [['--'], NAMES.filter((name) => name.startsWith('--'))],
    [['--exc'], ['--exclude-host', '--exclude-interface', '--exclude-net', '--exclude-port']],
    [['-i', 'eth0', '--unt'], ['--until']],
    [['-i', 'eth0', ''], NAMES],
    [['--live', '-q', '--stat'], ['--stats']],
    [['--metrics', '--stat'], ['--stats']],
    [['--nothing-like-it'], []],
  ])('%j', (words, names) => expect(completed(...words).sort()).toEqual([...names].sort()));
});

describe('an argument', () => {
  test.each([
    [['--format', ''], FORMATS],
    [['--format', 'n'], ['ndjson']],
    [['-i', 'eth0', '--rtt-type', 's'], ['smoothed']],
    [
      ['--attach', ''],
      ['auto', 'clsact', 'tcx'],
    ],
    [['-r', 'l'], ['lab.pcap']],
    [['--read', 'rec'], ['recorded']],
    [
      ['-o', 'my'],
      ['my $HOME.ndjson', 'my run.ndjson'],
    ], // one word each
    [['--until', ''], []],
    [['--host', ''], []],
    [['-c', '-'], []],
  ])('%j', (words, found) => expect(completed(...words).sort()).toEqual([...found].sort()));

  test.each([
    ['-i', '', '/sys/class/net', []],
    ['--interface', 'l', '/sys/class/net', []],
    ['--netns', '', '/run/netns', ['all']],
  ] as const)('%s %j: what is in %s', (option, begun, folder, others) => {
    const { names, found } = whileSteady(folder, () => completed(option, begun));
    const wanted = [...others, ...names].filter((name) => name.startsWith(begun));
    expect(found.sort()).toEqual(wanted.sort());
  });
});

describe('a command', () => {
  test.each([
    [[''], ['completion', 'doctor', 'report']],
    [['rep'], ['report']],
    [['report'], ['report']], // still being typed
    [
      ['completion', ''],
      ['bash', 'fish', 'zsh'],
    ],
    [['completion', 'z'], ['zsh']],
    [['completion', '-'], []],
    [['doctor', ''], []],
    [
      ['doctor', '-'],
      ['--max-flows', '--max-timestamps'],
    ],
    [['doctor', '--max-flows', ''], []],
    [['report', 'la'], ['lab.pcap']],
    [
      ['report', 'lab.pcap', 'my '],
      ['my $HOME.ndjson', 'my run.ndjson'],
    ],
    [
      ['report', '-'],
      ['--interface', '--output', '-i', '-o'],
    ],
    [['report', '-o', 'rec'], ['recorded']],
  ])('%j', (words, found) => expect(completed(...words).sort()).toEqual([...found].sort()));

  test('is the first word, and else a mere argument', () => {
    expect(completed('-o', 'report', '--quie')).toEqual(['--quiet']);
    expect(completed('-i', 'eth0', 'rep')).toEqual([]);
  });
});

test('at a prompt, names with spaces are quoted, folders go on', async () => {
  const tmux = await terminal({ columns: 100, rows: 12 });
  await tmux.type(`cd ${dirname(inFolder(SCRIPT))}; source ${SCRIPT}; clear`);
  for (const [typed, shown] of [
    ['pping -r la', 'pping -r lab.pcap'],
    ['pping report my\\ r', 'pping report my\\ run.ndjson'],
    ['pping -o rec', 'pping -o recorded/'],
    ['pping --exclude-h', 'pping --exclude-host'],
  ] as const) {
    await tmux.press('C-u', ...typed.split(''), 'Tab');
    await tmux.shows((lines) => lines.at(0)?.replace(/^ready> /, '') === shown);
  }
});

test('the script has no fault that a shell could tell', () => {
  execFileSync('bash', ['-n', inFolder(SCRIPT)]);
});
