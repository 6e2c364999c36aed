/** report, doctor and completion. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, expect, jest, test } from '@jest/globals';
import { here, linesOf, useCli } from '../helpers/command/cli.js';
import { runHere } from '../helpers/command/in-process.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const start = useCli();
const inFolder = useTemporaryFolder();
const CAPTURE = 'examples/lab.pcap';
const LOCAL = ['--local', '10.77.0.1', '--local', 'fd77::1'];

describe('report', () => {
  async function record(name: string): Promise<string> {
    const run = inFolder(name);
    await runHere(['-r', CAPTURE, ...LOCAL, '-o', run]);
    return run;
  }

  test('makes a page beside the run, and says what is in it', async () => {
    const run = await record('run.ndjson');
    const { code, stdout, stderr } = await runHere(['report', run]);
    const page = inFolder('run.html');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(
      new RegExp(`^${page}: 87 samples of 10 flows and 2 peers, [\\d.]+ kB\n$`),
    );
    expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/i);
  });

  test('or where it is told to, and tells what it left out', async () => {
    const run = await record('run.ndjson');
    writeFileSync(run, '{"type":"rtt","timest', { flag: 'a' });
    const page = inFolder('x.html');
    const { code, stderr } = await runHere(['report', run, '-o', page]);
    expect(code).toBe(0);
    expect(linesOf(stderr)[1]).toBe('1 line not understood and skipped');
    expect(existsSync(page)).toBe(true);
  });

  test('of aggregates says how many there are, and of both that RTTs count once', async () => {
    const [run, both] = [inFolder('run.ndjson'), inFolder('both.ndjson')];
    const options = ['-r', CAPTURE, ...LOCAL, '--aggregate', '1s'];
    await runHere([...options, '-o', run]);
    const counted = await runHere(['report', run]);
    expect(counted.stderr).toMatch(/run\.html: 87 samples of 7 intervals, in 2 rows, [\d.]+ kB\n$/);
    await runHere([...options, '--events', '-o', both]);
    const { stderr } = await runHere(['report', both]);
    const [what, once] = linesOf(stderr);
    expect(what).toContain('87 samples of 10 flows and 2 peers');
    expect(once).toBe(
      '14 aggregates of 87 RTTs are not in this report: it has their RTTs one by one.',
    );
  });

  test('- is standard output', async () => {
    const run = await record('run.ndjson');
    const { code, stdout, stderr } = await start(here, ['report', run, '-o', '-']).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n?$/i);
    expect(stderr).toMatch(/^standard output: 87 samples/);
  });

  test('a reader of standard output who leaves is no fault', async () => {
    const run = await record('run.ndjson');
    const through = ['bash', '-c', 'set -o pipefail; "$0" "$@" | head -c 1'];
    const { code, stdout, stderr } = await start(here, ['report', run, '-o', '-'], { through })
      .ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '<' });
    expect(stderr).toMatch(/^standard output: 87 samples .*, cut short: its reader has left\n$/);
  });

  test('to a device is made, and one of a device has nothing', async () => {
    const run = await record('run.ndjson');
    const made = await start(here, ['report', run, '-o', '/dev/null']).ended;
    expect(made).toMatchObject({ code: 0, stdout: '' });
    expect(made.stderr).toMatch(/^\/dev\/null: 87 samples/);
    const { code, stderr } = await start(here, ['report', '/dev/null', '-o', '/dev/null']).ended;
    expect([code, stderr]).toEqual([2, 'pping: null is empty\n']);
  });

  test('of a rotated one is named after it, and replaces no run', async () => {
    const run = await record('eth0.ndjson');
    renameSync(run, inFolder('eth0.ndjson.1'));
    expect(await runHere(['report', inFolder('eth0.ndjson.1')])).toMatchObject({
      code: 0,
    });
    expect(existsSync(inFolder('eth0.1.html'))).toBe(true);
    const same = ['report', inFolder('eth0.ndjson.1'), '-o', inFolder('eth0.ndjson.1')];
    const { code, stderr } = await runHere(same);
    expect(code).toBe(2);
    expect(stderr).toMatch(/would overwrite its own input\n$/);
  });

  test.each([
    ['a file that is not there', 'none.ndjson', 2, /^pping: \/.*none\.ndjson: no such file$/],
    ['a file that pping has not written', 'package.json', 2, /is not a pping recording/],
    ['standard input without -o', '-', 2, /-o <file>/],
  ])('%s: one line, exit %s', async (_, run, code, message) => {
    const name = run === 'none.ndjson' ? inFolder(run) : run;
    const output = run === 'package.json' ? ['-o', inFolder('x.html')] : [];
    const ended = await runHere(['report', name, ...output]);
    expect(ended.code).toBe(code);
    expect(linesOf(ended.stderr)).toEqual([expect.stringMatching(message)]);
  });
});

describe('doctor', () => {
  test('where nothing is allowed: says so, how to fix it, and exits 1', async () => {
    const through = ['setpriv', '--bounding-set=-all', '--inh-caps=-all'];
    const options = process.getuid?.() === 0 ? { through } : {};
    const { code, stdout, stderr } = await start(here, ['doctor'], options).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toMatch(/^missing {2}privileges +missing CAP_BPF/m);
    expect(stdout).toMatch(/^ +fix: sudo pping/m);
    expect(linesOf(stdout).at(-1)).toMatch(
      /^live capture \(-i\) will not work: \d+ requirements? missing/,
    );
  });
});

describe('completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s: a script, and nothing else', async (shell) => {
    const { code, stdout, stderr } = await start(here, ['completion', shell]).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('exclude-host');
  });
});
