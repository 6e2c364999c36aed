/** The command as its users meet it: a process with a command line, output and an end. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { afterEach } from '@jest/globals';
import { hasEnded } from '../../../lab/child.js';
import { pping } from '../../../lab/places.js';
import { PATIENCE, until } from '../../../lab/until.js';

/** Where processes can be started: a namespace of the lab, or here. */
export interface Place {
  spawn(argv: readonly string[], options?: SpawnOptions): ChildProcess;
}

export const here: Place = {
  spawn([program = '', ...args], options = {}) {
    return spawn(program, args, options);
  },
};

export interface CliOptions {
  /** Added to the environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** What the command is started through, as `setpriv --clear-groups`. It has to exec. */
  readonly through?: readonly string[];
  readonly program?: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine may be slow: long enough that only what hangs takes longer. */
const DEADLINE_MS = 60_000;
/** Of a whole run, in which a test may wait for several things; its own time is about as long. */
const LIFETIME_MS = 170_000;

export class Cli {
  /** Resolves when the process has ended and all it wrote was read. What hangs is killed. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';

  constructor(place: Place, args: readonly string[], options: CliOptions = {}) {
    const { env = {}, through = [], program = pping } = options;
    this.#child = place.spawn([...through, program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = this.#end();
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  /** The whole lines so far. */
  get stdout(): string[] {
    return linesOf(this.#stdout);
  }

  /** Whether that is on stdout by now: for when there are too many lines to ask for them often. */
  hasPrinted(text: string): boolean {
    return this.#stdout.includes(text);
  }

  get stderr(): string[] {
    return linesOf(this.#stderr);
  }

  /** Whether it has said that the programs are attached. */
  get isWatching(): boolean {
    return this.#hasSaid('watching ');
  }

  /** Resolves with itself once the programs are attached. */
  watching(): Promise<this> {
    return this.said('watching ');
  }

  /** Resolves with itself once a line on stderr begins so. */
  async said(beginning: string): Promise<this> {
    const isSaid = () => this.#hasSaid(beginning);
    await until(() => isSaid() || hasEnded(this.#child), `pping: ${beginning}`, DEADLINE_MS);
    if (!isSaid()) await this.ended; // what it wrote last may still be unread
    if (!isSaid()) throw new Error(`pping ended at once: ${(await this.ended).stderr}`);
    return this;
  }

  /** Resolves with itself once so many more lines than now are on stdout. */
  async printed(lines: number): Promise<this> {
    const wanted = this.stdout.length + lines;
    await until(
      () => this.stdout.length >= wanted || hasEnded(this.#child),
      `${lines} lines of output`,
      DEADLINE_MS,
    );
    if (this.stdout.length < wanted) throw new Error(`pping ended: ${(await this.ended).stderr}`);
    return this;
  }

  /** Sends the signal and resolves when the process has ended. */
  end(signal: NodeJS.Signals): Promise<Ended> {
    if (!hasEnded(this.#child)) this.#child.kill(signal);
    return this.ended;
  }

  #hasSaid(beginning: string): boolean {
    return this.stderr.some((line) => line.startsWith(beginning));
  }

  #end(): Promise<Ended> {
    const hung = setTimeout(() => this.#child.kill('SIGKILL'), LIFETIME_MS * PATIENCE);
    return new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        clearTimeout(hung);
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }
}

/** @returns what starts the command; whatever still runs when a test ends is killed */
export function useCli(): (place: Place, args: readonly string[], options?: CliOptions) => Cli {
  const started: Cli[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((cli) => cli.end('SIGKILL')));
  });
  return (place, args, options) => {
    const cli = new Cli(place, args, options);
    started.push(cli);
    return cli;
  };
}

/** Whole lines, without their ends. */
export function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
