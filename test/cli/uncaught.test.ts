/** What pping has not foreseen, in a replay: one line, exit 1. */
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { type Ended, here, linesOf, useCli } from '../helpers/command/cli.js';
import { NamedPipe } from '../helpers/command/pipe.js';
import { onSignal, preloaded } from '../helpers/command/preload.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** Each starts a process, which takes seconds on a loaded machine. */
jest.setTimeout(240_000);

describe('an error that nobody has caught', () => {
  const inFolder = useTemporaryFolder();
  const start = useCli();
  let pipe: number;

  beforeEach(() => {
    execFileSync('mkfifo', [inFolder('pipe')]);
    // A writer that stays: there may be more to come.
    pipe = openSync(inFolder('pipe'), 'r+');
    writeSync(pipe, pcap(conversation(1), { nanoseconds: true }));
  });

  afterEach(() => closeSync(pipe));

  async function endBy(code: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
    const options = { env: { ...preloaded(onSignal(code)), ...env } };
    const cli = await start(here, ['-r', inFolder('pipe')], options).said('replaying ');
    return cli.end('SIGUSR2');
  }

  test.each([
    ['throw new Error("a\\n b")', 'a b'],
    ['throw new RangeError()', 'RangeError'],
    ['throw "a text"', 'a text'],
    ['void Promise.reject(new Error("a"))', 'a'],
    ['void Promise.reject(undefined)', 'undefined'],
  ])('%s', async (code, message) => {
    const ended = await endBy(code);
    expect(ended.code).toBe(1);
    // What it has to say of the capture it may have said by then, or not.
    const others = linesOf(ended.stderr).filter((line) => !/^(replaying|sides unknown)/.test(line));
    expect(others).toEqual([`pping: ${message}`]);
  });

  test('PPING_DEBUG=1 adds the stack', async () => {
    const { code, stderr } = await endBy('throw new Error("a")', { PPING_DEBUG: '1' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\npping: a\nError: a\n {4}at process\./);
  });

  test('and an output that nobody reads: the lines that waited for it are told', async () => {
    const unread = new NamedPipe(inFolder('unread'));
    const before = unread.fill();
    const args = ['-r', inFolder('pipe'), '-o', unread.path];
    const cli = await start(here, args, { env: preloaded(onSignal('throw new Error("a")')) }).said(
      'replaying ',
    );
    await until(() => {
      process.kill(cli.pid, 'SIGUSR1');
      return cli.stderr.some((line) => /^1 sample of /.test(line));
    }, 'a sample');
    const { code, stderr } = await cli.end('SIGUSR2');
    expect(code).toBe(1);
    expect(linesOf(stderr).slice(-2)).toEqual([
      expect.stringMatching(/^up to [1-9] lines? not written$/),
      'pping: a',
    ]);
    expect(await unread.read(before.length)).toEqual(before);
    unread.close();
  });
});
