/** What pping makes is the user's alone, and what it is told is never a command. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { here, linesOf, useCli } from '../helpers/command/cli.js';
import { type Outcome, runHere } from '../helpers/command/in-process.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const start = useCli();
const inFolder = useTemporaryFolder();

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** With that umask, in the temporary folder. */
async function run(args: readonly string[], umask = '022'): Promise<Outcome> {
  const before = { folder: process.cwd(), umask: process.umask(umask) };
  process.chdir(inFolder(''));
  try {
    return await runHere(args);
  } finally {
    process.chdir(before.folder);
    process.umask(before.umask);
  }
}

describe('a file is for its owner, whose group may read it', () => {
  test.each([
    ['022', '640'],
    ['077', '600'],
    ['000', '640'],
  ])('umask %s: %s', async (umask, mode) => {
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

  test.each([
    ['of runs', [0o600, 0o644], '600'],
    ['of a run that all may read', [0o644], '640'],
  ])('a report is no wider than the narrowest %s', async (_, modes, mode) => {
    const runs = modes.map((_, index) => inFolder(`${index}.ndjson`));
    for (const [index, output] of runs.entries()) {
      await run(['-r', CAPTURE, '-o', output]);
      chmodSync(output, modes[index] as number);
    }
    expect(await run(['report', ...runs, '-o', 'page.html'])).toMatchObject({ code: 0 });
    expect(modeOf(inFolder('page.html'))).toBe(mode);
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

describe('links in a folder that others can write to are not followed', () => {
  const OTHERS_CAN_WRITE = 0o777;
  const links = [
    ['a link to a file', 'victim'],
    ['to what is not there', 'none'],
    ['to a folder on the way', ''],
  ] as const;

  /** `path` in the folder that is a link; what it points to is `target` outside of it. */
  function lay(target: string): string {
    mkdirSync(inFolder('shared'));
    chmodSync(inFolder('shared'), OTHERS_CAN_WRITE);
    writeFileSync(inFolder('victim'), 'mine', { mode: 0o600 });
    symlinkSync(inFolder(target), inFolder('shared/link'));
    return inFolder(target === '' ? 'shared/link/victim' : 'shared/link');
  }

  test.each(links)('by -o: %s', async (_, target) => {
    expectRefused(await run(['-r', CAPTURE, '-o', lay(target)]));
  });

  test.each(links)('by a report: %s', async (_, target) => {
    const output = lay(target);
    await run(['-r', CAPTURE, '-o', 'run.ndjson']);
    expectRefused(await run(['report', 'run.ndjson', '-o', output]));
  });

  test('nor where the report chooses the name itself', async () => {
    lay('victim');
    await run(['-r', CAPTURE, '-o', 'shared/run.ndjson']);
    symlinkSync(inFolder('victim'), inFolder('shared/run.html'));
    expectRefused(await run(['report', 'shared/run.ndjson']), 'run.html');
  });

  test('nor behind one that is followed', async () => {
    symlinkSync(lay('victim'), inFolder('ours'));
    expectRefused(await run(['-r', CAPTURE, '-o', 'ours']));
  });

  function expectRefused({ code, stderr }: Outcome, name = 'link'): void {
    expect(code).toBe(2);
    expect(linesOf(stderr)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^pping: cannot write .*: .*/shared/${name} is a link, and others can write to its folder$`,
        ),
      ),
    ]);
    expect(readFileSync(inFolder('victim'), 'utf8')).toBe('mine');
    expect(readdirSync(inFolder('')).sort()).not.toContain('none');
  }
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

  test('only the doctor starts another program, and a live run itself anew, without a shell', () => {
    const folder = join(repositoryRoot, 'src');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const sources = names.filter((name) => name.endsWith('.ts'));
    expect(sources.length).toBeGreaterThan(100);
    const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');
    const found = (pattern: RegExp) => sources.filter((name) => pattern.test(textOf(name))).sort();
    const starting = /child_process|worker_threads|['"](system|popen|execve?|posix_spawn)['"]/;
    expect(found(starting)).toEqual(['doctor/programs.ts']);
    expect(textOf('doctor/programs.ts')).toContain("(execFile)('unshare', ");
    expect(textOf('doctor/programs.ts')).not.toContain('shell');
    expect(found(/\bexecv/)).toEqual(['libbpf/ffi.ts', 'privilege/successor.ts']);
    expect(textOf('privilege/successor.ts')).toContain('libc.execv(process.execPath, ');
  });
});

test('nothing that is shipped can be written by everybody', () => {
  for (const folder of ['bin', 'bpf', 'docs', 'examples', 'man', 'share', 'src', 'tools']) {
    const names = readdirSync(join(repositoryRoot, folder), { recursive: true, encoding: 'utf8' });
    const open = names.filter((name) => statSync(join(repositoryRoot, folder, name)).mode & 0o002);
    expect([folder, ...open]).toEqual([folder]);
  }
});
