/** --live: the screen instead of lines, with what the run knows in its header. */

import { isatty } from 'node:tty';
import { Chalk } from 'chalk';
import type { AttributionOf } from '../attribution/owner.js';
import { packetsIn } from '../core/counters.js';
import type { KernelEvent } from '../events/types.js';
import { UsageError } from '../faults.js';
import { lossTexts } from '../format/summary.js';
import type { LiveOptions } from '../options/options.js';
import { settingsText } from '../options/settings-text.js';
import { headerLines, type ScreenStatus } from '../screen/header.js';
import { Rate } from '../screen/rate.js';
import { Screen } from '../screen/screen.js';
import type { Header } from '../screen/view.js';
import { STDIN, STDOUT } from '../stdio/descriptors.js';
import { notify } from '../stdio/notify.js';
import { unblocked } from '../stdio/unblocked.js';
import { endUnread } from '../stdio/unread.js';
import { harmless } from '../text/ascii.js';
import type { Consumer } from './consumer.js';
import type { LiveRun } from './live-run.js';

/** The last ones; they are told again when the screen is given back. */
const MOST_MESSAGES = 50;
/** Then the hints come back. */
const MESSAGE_MS = 15_000;

export class LiveView implements Consumer {
  readonly #options: LiveOptions;
  readonly #packets = new Rate();
  readonly #rtts = new Rate();
  readonly #start = process.hrtime.bigint();
  readonly #messages: string[] = [];
  #toldAt = Number.NEGATIVE_INFINITY;
  #screen: Screen | undefined;

  /** Throws a UsageError where there is no terminal. */
  constructor(options: LiveOptions) {
    if (!isatty(STDIN) || !isatty(STDOUT)) {
      throw new UsageError(
        '--live needs a terminal to draw on; without one: -o <file>, or --quiet for a summary',
      );
    }
    this.#options = options;
  }

  /** @param attributionOf for rows of owners; undefined where there are to be none */
  open(run: LiveRun, onQuit: () => void, attributionOf?: AttributionOf): void {
    const { color, settings } = this.#options;
    this.#screen = new Screen({
      input: process.stdin,
      output: unblocked(process.stdout),
      paint: new Chalk({ level: color && !process.env.NO_COLOR ? 1 : 0 }),
      now: () => Number(process.hrtime.bigint()),
      header: () => this.#header(run),
      onQuit,
      attributionOf,
      window: Number(settings.minWindow),
    });
  }

  accept(event: KernelEvent): void {
    this.#screen?.accept(event);
  }

  refresh(flowId: number): void {
    this.#screen?.refresh(flowId);
  }

  /** Among the picture, and afterwards below it. */
  readonly notify = (text: string): void => {
    if (!this.#screen) {
      notify(text);
      return;
    }
    this.#messages.push(harmless(text));
    this.#toldAt = performance.now();
    if (this.#messages.length > MOST_MESSAGES) this.#messages.shift();
  };

  /** Gives the terminal back. */
  close(): void {
    if (this.#screen) endUnread(process.stdout);
    this.#screen?.close();
    this.#screen = undefined;
    for (const message of this.#messages.splice(0)) notify(message);
  }

  #header(run: LiveRun): Header {
    const isFresh = performance.now() - this.#toldAt < MESSAGE_MS;
    const message = (isFresh && this.#messages.at(-1)?.split('\n')[0]) || '';
    return { lines: headerLines(this.#status(run)), message };
  }

  #status(run: LiveRun): ScreenStatus {
    const state = run.state();
    const now = process.hrtime.bigint();
    return {
      interface: this.#options.interface,
      attachMethod: state.attachMethod,
      elapsedNs: Number(now - this.#start),
      packetsPerSecond: this.#packets.read(packetsIn(state.counters), Number(now)),
      rttsPerSecond: this.#rtts.read(state.reported, Number(now)),
      losses: lossTexts(state),
      sides: state.sides,
      settings: settingsText(state.settings),
      flows: state.flows,
      maxFlows: this.#options.capacity.flows,
    };
  }
}
