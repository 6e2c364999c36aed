/** The command within this process: what it says and how it ends, without the third of a second that Node takes to start. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, runInThisContext } from 'node:vm';
import { linesOf } from './cli.js';

/** As it was built: it finds its files from there. */
const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url).href;

/** Outside of jest's sandbox, in which Node's own errors are no Errors, and all is slow. */
const outside: Outside = runInThisContext('({ process, load: (url) => import(url) })', {
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});

interface Outside {
  readonly process: NodeJS.Process;
  load(url: string): Promise<{ main(args: readonly string[]): Promise<number> }>;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of stdout. */
  readonly lines: readonly string[];
}

/** One at a time. Data goes to standard output itself, and is not seen: see replayHere(). */
export async function runHere(args: readonly string[]): Promise<Outcome> {
  const { main } = await outside.load(MAIN);
  const [stdout, stderr] = [new Told(), new Told()];
  const undo = [replace('stdout', stdout), replace('stderr', stderr), keepListeners()];
  try {
    const code = await main(args);
    return { code, stdout: stdout.text, stderr: stderr.text, lines: linesOf(stdout.text) };
  } finally {
    for (const each of undo) each();
  }
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

/** Takes what is written to it at once. */
class Told {
  readonly isTTY = false;
  readonly writableLength = 0;
  text = '';

  write(text: string): boolean {
    this.text += text;
    return true;
  }

  on(): this {
    return this;
  }

  once(): this {
    return this;
  }
}

/** @returns what undoes it */
function replace(name: 'stdout' | 'stderr', value: Told): () => void {
  const before = Object.getOwnPropertyDescriptor(outside.process, name) as PropertyDescriptor;
  Object.defineProperty(outside.process, name, { value, configurable: true });
  return () => Object.defineProperty(outside.process, name, before);
}

/** What the command listens to, its process would take along. @returns what takes it off */
function keepListeners(): () => void {
  const { process } = outside;
  const all = () =>
    process
      .eventNames()
      .flatMap((name) => process.rawListeners(name).map((each) => ({ name, each })));
  const before = new Set(all().map(({ each }) => each));
  return () => {
    for (const { name, each } of all()) {
      if (!before.has(each)) process.off(name, each as () => void);
    }
  };
}

/** Nothing where it was not opened. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
