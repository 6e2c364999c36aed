/**
 * The command many times in one process: what it says and how it ends, without the third of a second that Node
 * takes to start. Not in the tests' own process: what loads native code again and again there ends up in a loop.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { repositoryRoot } from '../../../lab/places.js';
import { linesOf } from './cli.js';

const SERVER = join(repositoryRoot, 'test/helpers/command/commands-server.mjs');
/** As it was built: it finds its files from there. */
const MAIN = join(repositoryRoot, 'dist/pping/main.js');

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of stdout. */
  readonly lines: readonly string[];
}

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of what main() has thrown. */
  readonly error?: string;
}

let server: Promise<ChildProcess> | undefined;

afterAll(async () => {
  (await server)?.kill('SIGKILL');
  server = undefined;
});

/** One at a time, with this process's folder and umask. Data goes to standard output itself, and is not seen: see replayHere(). */
export async function runHere(args: readonly string[]): Promise<Outcome> {
  server ??= startServer();
  const child = await server;
  const answered = answerOf(child);
  child.send({ args, folder: process.cwd(), umask: process.umask() });
  const { error, ...outcome } = (await answered) as Answer;
  if (error !== undefined) throw new Error(error);
  return { ...outcome, lines: linesOf(outcome.stdout) };
}

async function startServer(): Promise<ChildProcess> {
  const child = fork(SERVER, [MAIN], { execArgv: [] });
  await answerOf(child);
  return child;
}

/** The next message; rejects where the process ends before it. */
function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the process ended with ${code}`));
    child.once('exit', onExit);
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message);
    });
  });
}

/** A replay, whose data a file takes in place of standard output. */
export async function replayHere(args: readonly string[]): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'pping-test-'));
  const output = join(folder, 'stdout');
  try {
    // A file is of another format than a terminal or a pipe, unless told.
    const format = args.includes('--format') ? [] : ['--format', 'human'];
    const { code, stderr } = await runHere([...args, ...format, '-o', output]);
    const stdout = textOf(output);
    return { code, stdout, stderr, lines: linesOf(stdout) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Nothing where it was not opened. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
