/** A terminal that takes nothing more, as after Ctrl-S, in a live run: one signal ends pping nevertheless. */
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { end, hasEnded } from '../../lab/child.js';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { pping } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { compileHelper } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const DEADLINE_MS = 60_000;
const file = useTemporaryFolder();
let namespace: Namespace;
let child: ChildProcess | undefined;
let said: string;

beforeAll(async () => {
  namespace = await createNamespace();
});
afterAll(() => namespace?.close());

afterEach(async () => {
  if (child) await end(child, 'SIGTERM');
});

function start(text: string, args: readonly string[]): ChildProcess {
  compileHelper('command/stopped-terminal.c', file('helper'));
  const started = namespace.spawn([file('helper'), text, pping, '-i', 'lo', ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  said = '';
  started.stdout?.setEncoding('utf8').on('data', (output: string) => {
    said += output;
  });
  return started;
}

/** @returns what its line has after the word */
async function hasSaid(word: string): Promise<string> {
  const line = () => said.split('\n').find((each) => each.startsWith(`${word} `));
  await until(() => line() !== undefined || (child && hasEnded(child)) === true, word, DEADLINE_MS);
  return line()?.slice(word.length + 1) ?? `(nothing: ${said})`;
}

test.each([
  ['lines', 'watching lo', ['--stats', '100ms']],
  ['the screen', ' packets/s ', ['--live']],
])('of %s', async (_, text, args) => {
  child = start(text, args);
  process.kill(Number(await hasSaid('stopped')), 'SIGINT');
  expect(await hasSaid('ended')).toBe('0');
});
