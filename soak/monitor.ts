// A pping that is watched: its words, and how it ends.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Ending, ending, hasEnded } from '../lab/child.js';
import { pping } from '../lab/places.js';
import { until } from '../lab/until.js';
import { programsOf } from '../test/helpers/attached.js';
import type { Ground } from './ground.js';

/** Of its words, the latest are kept. */
const WORDS = 500;
const READY_MS = 30_000;

export class Monitor {
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
    });
    this.ended = ending(this.child);
    if (this.child.stderr === null) return;
    createInterface({ input: this.child.stderr }).on('line', (line) => this.#hear(line));
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

  #hear(line: string): void {
    if (/^\s+at .*[:(]\w/.test(line)) this.stackLines++;
    this.words.push(line);
    if (this.words.length > WORDS) this.words.splice(1, 1); // not the first: "watching"
  }
}
