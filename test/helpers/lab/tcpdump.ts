/** A capture with the kernel's own times, to the nanosecond. */
import type { ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ending, hasEnded } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';

const BUFFER_KIB = 16_384;
/** Between two questions: each interrupts its reading, and a busy machine would let it get to nothing else. */
const QUESTION_MS = 100;
/** It gets what the kernel holds after a second. What is missing after this was counted before the filter was set. */
const QUESTIONS_IN_VAIN = 50;
/** All headers, up to those of TCP. */
const SNAP_BYTES = 128;

/**
 * Captures what crosses the interface until it is told to end: packets that leave just after a TC
 * program saw them, those that arrive just before.
 * @param filter in tcpdump's language
 * @param snapBytes of each packet
 * @returns what ends it, once all that was captured so far is in the file; rejects when the kernel
 *   had to drop packets
 */
export async function startCapture(
  ns: Namespace,
  interfaceName: string,
  file: string,
  filter: string,
  snapBytes = SNAP_BYTES,
): Promise<() => Promise<void>> {
  const exact = ['--time-stamp-precision=nano', '-s', String(snapBytes), '-B', String(BUFFER_KIB)];
  // As root throughout, or it could not write into root's folders. Not promiscuous: a bridge's own device would
  // be shown all that its ports carry.
  const argv = ['tcpdump', '-Z', 'root', '-p', '-i', interfaceName, ...exact, '-w', file, filter];
  const tcpdump = new Tcpdump(ns.spawn(argv, { stdio: ['ignore', 'ignore', 'pipe'] }));
  await tcpdump.says(/listening on/);
  return async () => {
    // It leaves unread what the kernel holds when a signal ends it.
    await until(() => tcpdump.hasReadAll(), 'tcpdump to read what it captured');
    const { dropped } = await tcpdump.end();
    if (dropped > 0) throw new Error(`tcpdump: ${dropped} packets dropped by the kernel`);
  };
}

/** On one line when it is asked, on three at the end. */
const COUNTS = new RegExp(
  [
    /(?<captured>\d+) packets? captured/,
    /(?<received>\d+) packets? received by filter/,
    /(?<dropped>\d+) packets? dropped by kernel/,
  ]
    .map(({ source }) => source)
    .join('(?:, |\n)'),
);

class Tcpdump {
  readonly #child: ChildProcess;
  #said = '';
  #counted = '';
  /** Questions since it has read anything. */
  #inVain = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      this.#said += part;
    });
  }

  /** Waits for it, and forgets what was said up to then. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    const find = () => what.exec(this.#said);
    await until(() => find() !== null || this.#child.stderr?.readableEnded === true, `${what}`);
    const found = find();
    if (found === null) throw new Error(`tcpdump has ended: ${this.#said.trim()}`);
    this.#said = '';
    return found;
  }

  async hasReadAll(): Promise<boolean> {
    const { captured, received } = await this.#counts('SIGUSR1');
    if (captured === received) return true;
    const counted = `${captured} of ${received}`;
    this.#inVain = counted === this.#counted ? this.#inVain + 1 : 0;
    this.#counted = counted;
    await sleep(QUESTION_MS);
    return this.#inVain >= QUESTIONS_IN_VAIN;
  }

  async end(): Promise<{ dropped: number }> {
    const { dropped } = await this.#counts('SIGINT');
    await ending(this.#child);
    return { dropped: Number(dropped) };
  }

  async #counts(signal: NodeJS.Signals) {
    if (!hasEnded(this.#child)) this.#child.kill(signal);
    const { groups = {} } = await this.says(COUNTS);
    return groups;
  }
}
