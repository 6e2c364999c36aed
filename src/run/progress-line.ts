/** One line on the terminal, again and again, while a long capture is read. */

import { isatty } from 'node:tty';
import { progressText } from '../format/progress.js';
import type { RunOptions } from '../options/options.js';
import { STDERR, STDOUT } from '../stdio/descriptors.js';

/** What is over sooner needs none. */
const FIRST_MS = 1_000;
const INTERVAL_MS = 500;
/** Back to the first column, and clear the line. */
const ERASE = '\r\x1b[K';

export class ProgressLine {
  readonly #isShown: boolean;
  readonly #start = performance.now();
  #next = this.#start + FIRST_MS;
  #isThere = false;

  /** Only where a person sees it, and it does not mix with the data. */
  constructor({ output }: RunOptions) {
    this.#isShown = isatty(STDERR) && (output !== undefined || !isatty(STDOUT));
  }

  /** Shows how far it is, if it is time to. */
  update(read: () => { position: number; size: number | undefined; packets: number }): void {
    const now = performance.now();
    if (!this.#isShown || now < this.#next) return;
    this.#next = now + INTERVAL_MS;
    const text = progressText({ ...read(), elapsedMs: now - this.#start });
    process.stderr.write(`${ERASE}${text}`);
    this.#isThere = true;
  }

  /** Out of the way for other words. */
  around(say: () => void): void {
    this.end();
    say();
  }

  end(): void {
    if (this.#isThere) process.stderr.write(ERASE);
    this.#isThere = false;
  }
}
