/** What pping makes is the user's alone, and what it is told is never a command. */
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { type Ended, here, linesOf, useCli } from '../helpers/cli.js';
import { useTemporaryFolder } from '../helpers/temporary.js';

jest.setTimeout(60_000);

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const start = useCli();
const inFolder = useTemporaryFolder();

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** From a shell with that umask, in the temporary folder. */
function run(args: readonly string[], umask = '022'): Promise<Ended> {
  const script = `umask ${umask}; cd '${inFolder('')}'; exec "$@"`;
  return start(here, args, { through: ['bash', '-c', script, 'bash'] }).ended;
}

describe('a file is made with the umask of the user', () => {
  test.each([
    ['022', '644'],
    ['077', '600'],
    ['000', '666'],
  ])('%s: %s', async (umask, mode) => {
    const output = inFolder('run.ndjson');
    const report = inFolder('report.html');
    expect(await run(['-r', CAPTURE, '-o', output], umask)).toMatchObject({ code: 0 });
    expect(await run(['report', output, '-o', report], umask)).toMatchObject({ code: 0 });
    expect([modeOf(output), modeOf(report)]).toEqual([mode, mode]);
  });

  test('a file that is there keeps its mode, even where it is replaced', async () => {
    const output = inFolder('run.ndjson');
    const report = inFolder('report.html');
    for (const path of [output, report]) {
      writeFileSync(path, '');
      chmodSync(path, 0o640);
    }
    expect(await run(['-r', CAPTURE, '-o', output])).toMatchObject({ code: 0 });
    expect(await run(['report', output, '-o', report])).toMatchObject({ code: 0 });
    expect(readFileSync(report, 'utf8')).toMatch(/^<!doctype html>/i);
    expect([modeOf(output), modeOf(report)]).toEqual(['640', '640']);
  });

  test("a link laid where the report's temporary file would be is not followed", async () => {
    const output = inFolder('run.ndjson');
    const report = inFolder('report.html');
    const victim = inFolder('victim');
    await run(['-r', CAPTURE, '-o', output]);
    writeFileSync(victim, 'mine');
    // Its name holds the process id, which can be guessed: this one execs, so it keeps bash's.
    const script = `ln -s '${victim}' '${report}'.$$.tmp; exec "$@"`;
    const through = ['bash', '-c', script, 'bash'];
    const { code } = await start(here, ['report', output, '-o', report], { through }).ended;
    expect(code).not.toBe(0);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
  });
});

describe('no shell reads what pping is told', () => {
  test.each(['$(touch made)', '`touch made`', 'x; touch made', '\'"|touch made'])(
    'as an interface or a file: %s',
    async (name) => {
      const watched = await run(['-i', name]);
      expect(watched).toMatchObject({ code: 2, stdout: '' });
      expect(linesOf(watched.stderr)).toHaveLength(1);
      expect(await run(['-r', CAPTURE, '-o', name])).toMatchObject({ code: 0 });
      expect(statSync(inFolder(name)).size).toBeGreaterThan(0);
      expect(await run(['-r', name])).toMatchObject({ code: 2, stdout: '' });
      expect(await run(['report', CAPTURE, name])).not.toMatchObject({ code: 0 });
      expect(existsSync(inFolder('made'))).toBe(false);
    },
  );

  test('only the doctor starts another program, without a shell', () => {
    const folder = join(repositoryRoot, 'src');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const sources = names.filter((name) => name.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(100);
    const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    const starting = /child_process|worker_threads|['"](system|popen|execve?|posix_spawn)['"]/;
    expect(sources.filter((name) => starting.test(textOf(name)))).toEqual(['doctor/programs.ts']);
    expect(textOf('doctor/programs.ts')).toContain("(execFile)('unshare', ");
    expect(textOf('doctor/programs.ts')).not.toContain('shell');
  });
});

test('nothing that is shipped can be written by everybody', () => {
  for (const folder of ['bin', 'bpf', 'docs', 'examples', 'man', 'share', 'src', 'tools']) {
    const names = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' });
    const open = names.filter((name) => statSync(join(repositoryRoot, folder, name)).mode & 0o002);
    expect([folder, ...open]).toEqual([folder]);
  }
});
