// A pping that is watched: its words, and how it ends.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { programsOf } from '../lab/attached.js';
import { type Ending, ending, hasEnded } from '../lab/child.js';
import { pping } from '../lab/places.js';
import { STACK_TRACE } from '../lab/stack-trace.js';
import { until } from '../lab/until.js';
import type { Ground } from './ground.js';

/** Of its words, the latest are kept. */
const WORDS = 500;
const READY_MS = 120_000;

export class Monitor {
  /** Resolves when it has ended and all its words were read. */
  readonly ended: Promise<Ending>;
  readonly child: ChildProcess;
  /** On standard error. */
  readonly words: string[] = [];
  /** Lines of a stack, which nobody should ever see. */
  stackLines = 0;

  /** @param stdout 'pipe' to read it, or leave it */
  constructor(ground: Ground, args: readonly string[], stdout: 'ignore' | 'pipe' = 'ignore') {
    this.child = ground.client.spawn([pping, '-i', ground.interfaceName, ...args], {
      stdio: ['ignore', stdout, 'pipe'],
      detached: true, // out of reach of Ctrl-C
      deathSignal: 'SIGKILL', // it may be stopped when we die
    });
    this.ended = this.#listen();
  }

  get pid(): number {
    return this.child.pid ?? Number.NaN;
  }

  get hasEnded(): boolean {
    return hasEnded(this.child);
  }

  get isWatching(): boolean {
    return this.words.some((line) => line.startsWith('watching '));
  }

  /** Resolves with itself once the programs are attached. */
  async watching(): Promise<this> {
    await until(() => this.isWatching || this.hasEnded, 'pping to watch', READY_MS);
    if (!this.isWatching) throw new Error(`pping ended at once: ${this.words.join(' ')}`);
    return this;
  }

  /** As `ended`; undefined where it is still there after so long. */
  endedWithin(milliseconds: number): Promise<Ending | undefined> {
    return Promise.race([this.ended, sleep(milliseconds, undefined, { ref: false })]);
  }

  /** The ids of the programs it has loaded. */
  programs(): number[] {
    try {
      return programsOf(this.pid);
    } catch {
      return []; // it has ended
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async #listen(): Promise<Ending> {
    const { stderr } = this.child;
    const ended = ending(this.child);
    if (stderr === null) return ended;
    createInterface({ input: stderr }).on('line', (line) => this.#hear(line));
    await new Promise((resolve) => stderr.once('close', resolve));
    return ended;
  }

  #hear(line: string): void {
    if (STACK_TRACE.test(line)) this.stackLines++;
    this.words.push(line);
    if (this.words.length > WORDS) this.words.splice(1, 1); // not the first: "watching"
  }
}
