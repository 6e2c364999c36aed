/** SIGHUP, from before a run listens to it: the file that it was about is opened anew all the same. */
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { RunOptions } from '../../src/options/options.js';
import { onSignals } from '../../src/run/output.js';
import { Shutdown } from '../../src/run/shutdown.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput } from '../../src/sink/open.js';
import { closeDrained } from '../helpers/output/drained.js';
import { SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const undo: (() => void)[] = [];

afterEach(() => {
  for (const each of undo.splice(0)) each();
  jest.restoreAllMocks();
});

/** @param before what happens between the opening and the run */
async function written(before: () => void): Promise<string[]> {
  const output = inFolder('out');
  const sink = new FileSink(openOutput(output), new SinkLog());
  before();
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  undo.push(onSignals({ output } as RunOptions, new Shutdown(), sink, say));
  sink.write(Buffer.from('line\n'), 1);
  await closeDrained(sink);
  return said;
}

const textOf = (name: string) => readFileSync(inFolder(name), 'utf8');

test('a file that was moved away since it was opened is written no more', async () => {
  expect(await written(() => renameSync(inFolder('out'), inFolder('old')))).toEqual([]);
  expect([textOf('old'), textOf('out')]).toEqual(['', 'line\n']);
});

test('one that was removed is made again', async () => {
  expect(await written(() => rmSync(inFolder('out')))).toEqual([]);
  expect(textOf('out')).toBe('line\n');
});

test('one that is still there is not opened again', async () => {
  const reopen = jest.spyOn(FileSink.prototype, 'reopen');
  expect(await written(() => {})).toEqual([]);
  expect(reopen).not.toHaveBeenCalled();
  expect(textOf('out')).toBe('line\n');
});

test('where its folder is gone, the open file is written on', async () => {
  const said = await written(() => rmSync(inFolder(''), { recursive: true }));
  expect(said).toEqual([
    expect.stringMatching(/: no such directory; still writing to the open file$/),
  ]);
});
