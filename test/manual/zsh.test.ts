/** The completion that zsh has, in a real zsh. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { outline } from '../../src/manual/outline.js';
import { zshCompletion } from '../../src/manual/zsh.js';
import { type Tmux, useTmux } from '../helpers/command/tmux.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const inFolder = useTemporaryFolder();
const terminal = useTmux();
const SIZE = { columns: 120, rows: 100 };
const INIT = 'autoload -Uz compinit; compinit -u -D';

beforeEach(() => {
  writeFileSync(inFolder('_pping'), zshCompletion(outline()));
  writeFileSync(inFolder('my run.ndjson'), '');
  mkdirSync(inFolder('recorded'));
});

/** A shell in a folder with a file and a folder, after these commands. */
async function shell(...commands: readonly string[]): Promise<Tmux> {
  const tmux = await terminal(SIZE);
  await tmux.type('exec zsh -f');
  await tmux.type(`cd ${dirname(inFolder('_pping'))}; LISTMAX=0; ${commands.join('; ')}`);
  await tmux.type('clear; print loaded');
  await tmux.shows((lines) => lines[0] === 'loaded');
  return tmux;
}

/** Presses Tab behind what is typed, until the line and what is listed below it are as expected. */
async function completes(tmux: Tmux, typed: string, line: string, listed: readonly RegExp[] = []) {
  await tmux.press('C-u', 'C-l', ...typed, 'Tab');
  await tmux.shows(([first = '', ...below]) => {
    const isListed = listed.every((wanted) => below.some((text) => wanted.test(text)));
    return first.replace('ready> ', '') === line && isListed;
  });
}

describe.each([
  ['found in fpath', `fpath=($PWD $fpath); ${INIT}`],
  ['sourced', `${INIT}; source ./_pping`],
  ['evaluated', `${INIT}; eval "$(<_pping)"`],
])('%s, it completes', (_, loading) => {
  test('options, arguments, files and commands', async () => {
    const tmux = await shell(loading);
    for (const [typed, line] of [
      ['pping --exc', 'pping --exclude-'],
      ['pping --no-h', 'pping --no-handshake'],
      ['pping --format n', 'pping --format ndjson'],
      ['pping -q --rtt-type s', 'pping -q --rtt-type smoothed'],
      ['pping --metrics [::1]:1 --metrics-s', 'pping --metrics [::1]:1 --metrics-series'],
      ['pping -i l', 'pping -i lo'],
      ['pping -o my', 'pping -o my\\ run.ndjson'],
      ['pping --read rec', 'pping --read recorded/'],
      ['pping com', 'pping completion'],
      ['pping completion z', 'pping completion zsh'],
      ['pping report m', 'pping report my\\ run.ndjson'],
      ['pping report --o', 'pping report --output'],
      ['pping report my\\ run.ndjson -o rec', 'pping report my\\ run.ndjson -o recorded/'],
    ] as const) {
      await completes(tmux, typed, line);
    }
  });
});

describe('it lists', () => {
  test('commands, choices, and options with their words', async () => {
    const tmux = await shell(INIT, 'source ./_pping');
    await completes(tmux, 'pping ', 'pping', [
      /^report +-- make a web page from runs recorded with pping -o/,
      /^doctor +-- check whether/,
      /^completion +-- print the completion script/,
    ]);
    await completes(tmux, 'pping --format ', 'pping --format', [
      /^csv +human +ndjson +pping +ppviz$/,
    ]);
    // Where its argument has been left out.
    await completes(tmux, 'pping --metrics --metrics-s', 'pping --metrics --metrics-s', [
      /^--metrics-series +-- with --metrics, maximum/,
    ]);
    await completes(tmux, 'pping -', 'pping -', [
      /^--format +-- human: lines to read; pping/, // colons are no delimiters
      /^--include-local +-l +-- also measure how long this host takes to answer: its/,
      /^--port +-- measure connections with one of these ports/,
    ]);
  });

  test('every option', async () => {
    const tmux = await shell(INIT, 'source ./_pping');
    const names = outline().groups.flatMap(({ options }) => options.flatMap((each) => each.names));
    await tmux.press('C-u', 'C-l', ...'pping -', 'Tab');
    await tmux.shows(([, ...below]) => {
      const words = new Set(below.flatMap((line) => line.split(' -- ')[0]?.split(/ +/) ?? []));
      return names.every((name) => words.has(name));
    });
  });

  test('an option again only where it may be given again', async () => {
    const tmux = await shell(INIT, 'source ./_pping');
    await completes(
      tmux,
      'pping --exclude-port 22 --exclude-p',
      'pping --exclude-port 22 --exclude-port',
    );
    await completes(tmux, 'pping --local ::1 --loc', 'pping --local ::1 --local');
    await completes(tmux, 'pping --pid 1 --pi', 'pping --pid 1 --pid');
    await completes(tmux, "pping --until 'p99>1s' --unt", "pping --until 'p99>1s' --until");
    // -s is what --seconds is: only --self-cost is left.
    await completes(tmux, 'pping -s 1 --se', 'pping -s 1 --self-cost');
    await tmux.press('C-u', 'C-l', ...'pping --quiet --quie', 'Tab', 'x');
    await tmux.shows('pping --quiet --quiex');
  });

  test('of all options, when each has been given, those that are repeatable', async () => {
    const tmux = await shell(INIT, 'source ./_pping');
    const options = outline().groups.flatMap(({ options }) => options);
    const given = options.map(({ names, argument }) => `${names[0]}${argument ? ' 1' : ''}`);
    const left = options
      .filter(({ isRepeatable }) => isRepeatable)
      .map(({ names }) => names.at(-1));
    expect(left).toEqual(expect.arrayContaining(['--cgroup', '--container', '--pid', '--local']));
    await tmux.press('C-u', 'C-l', ...`pping ${given.join(' ')} --`, 'Tab');
    await tmux.shows((lines) => {
      const listed = lines.flatMap(
        (line) => /^(-.*) -- /.exec(line)?.[1]?.trim().split(/ +/) ?? [],
      );
      return listed.sort().join() === left.sort().join();
    });
  });
});

test('the script has no fault that a shell could tell', () => {
  expect(execFileSync('zsh', ['-f', '-n', inFolder('_pping')], { encoding: 'utf8' })).toBe('');
});
