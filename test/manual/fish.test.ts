/** The completion that fish has, asked by a real fish. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { fishCompletion } from '../../src/manual/fish.js';
import { outline } from '../../src/manual/outline.js';
import { whileSteady } from '../helpers/runner/steady.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(180_000);

const inFolder = useTemporaryFolder();
const SCRIPT = 'pping.fish';

beforeEach(() => {
  writeFileSync(inFolder(SCRIPT), fishCompletion(outline()));
  for (const name of ['lab.pcap', 'my run.ndjson']) writeFileSync(inFolder(name), '');
  mkdirSync(inFolder('recorded'));
});

interface Offer {
  readonly word: string;
  readonly description: string;
}

/** What Tab offers behind what is typed. */
function offers(typed: string): Offer[] {
  const folder = dirname(inFolder(SCRIPT));
  const ask = `source ${SCRIPT}; complete -C "pping $TYPED"`;
  const text = execFileSync('fish', ['--no-config', '-c', ask], {
    ...{ cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder, TYPED: typed } },
  });
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [word = '', description = ''] = line.split('\t');
    return { word, description };
  });
}

const completed = (typed: string) =>
  offers(typed)
    .map(({ word }) => word)
    .sort();

const OPTIONS = outline().groups.flatMap(({ options }) => options);
const LONG = OPTIONS.flatMap(({ names }) => names.filter((name) => name.startsWith('--')));

describe('an option', () => {
  test.each([
    ['--', LONG],
    ['-c 5 --', LONG.filter((name) => name !== '--count')],
    ['--exc', ['--exclude-host', '--exclude-interface', '--exclude-net', '--exclude-port']],
    ['-i eth0 --unt', ['--until']],
    ['--nothing-like-it', []],
    ['--metrics --metrics-s', ['--metrics-series']],
    ['--metrics 127.0.0.1:9747 --metrics-s', ['--metrics-series']],
    // Again only where it may be given again.
    ['--exclude-port 22 --exclude-p', ['--exclude-port']],
    ['-q --quie', []],
    ['--quiet --quie', []],
    ['--format ndjson --form', []],
    ['--format=ndjson --form', []],
  ])('%s', (typed, names) => expect(completed(typed)).toEqual([...names].sort()));

  test('has its words', () => {
    expect(offers('--format')).toEqual([
      { word: '--format', description: expect.stringMatching(/^human: lines to read; pping: /) },
    ]);
    const short = offers('-').map(({ word }) => word);
    expect(short).toEqual(expect.arrayContaining(['-i', '-q', '-V', '--live']));
  });
});

describe('an argument', () => {
  test.each([
    ['--format ', ['human', 'pping', 'ndjson', 'csv', 'ppviz']],
    ['--format n', ['ndjson']],
    ['--format=n', ['--format=ndjson']],
    ['-i eth0 --rtt-type s', ['smoothed']],
    ['-r l', ['lab.pcap']],
    ['--read rec', ['recorded/']],
    ['-o my', ['my run.ndjson']],
    ['--until ', []],
    ['--host ', []],
  ])('%s', (typed, found) => expect(completed(typed)).toEqual([...found].sort()));

  test.each([
    ['-i', ''],
    ['--interface', 'l'],
  ])('%s %j: interfaces', (option, begun) => {
    const { names, found } = whileSteady('/sys/class/net', () => completed(`${option} ${begun}`));
    expect(found).toEqual(names.filter((name) => name.startsWith(begun)));
  });
});

test('a choice has its own words', () => {
  expect(offers('--format nd')).toEqual([
    { word: 'ndjson', description: 'every field, for jq, databases and pping report' },
  ]);
  expect(offers('--format hu')).toEqual([{ word: 'human', description: 'lines to read' }]);
});

describe('a command', () => {
  test.each([
    ['', ['completion', 'doctor', 'report']],
    ['rep', ['report']],
    ['-i eth0 rep', []],
    ['completion ', ['bash', 'fish', 'zsh']],
    ['completion f', ['fish']],
    ['completion --', []],
    ['doctor ', []],
    ['doctor --', ['--max-flows', '--max-timestamps']],
    ['report la', ['lab.pcap']],
    ['report lab.pcap my', ['my run.ndjson']],
    ['report --', ['--interface', '--output']],
    ['report -o rec', ['recorded/']],
  ])('%j', (typed, found) => expect(completed(typed)).toEqual([...found].sort()));

  test('has its words', () => {
    expect(offers('doc')).toEqual([
      { word: 'doctor', description: 'check whether this host has what live capture (-i) needs' },
    ]);
  });
});

test('the script has no fault that a shell could tell', () => {
  execFileSync('fish', ['--no-execute', inFolder(SCRIPT)]);
});
