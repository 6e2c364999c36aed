/**
 * Names of hosts, found while everything else goes on: who asks gets what is known by now. Bounded in memory and in
 * what it asks of name servers.
 */
import { isIP } from 'node:net';
import { type Memorable, Remembered } from '../summary/recently-used.js';
import type { HostNames } from '../text/host.js';

/** As many as there are hosts in the summary. */
const MOST_NAMES = 4_096;
const MOST_IN_FLIGHT = 8;
/** What does not fit keeps its address until it is asked for again. */
const MOST_WAITING = 256;
/** Also where there is none, and where no server answers. */
const ASKED_AGAIN_MS = 5 * 60_000;
const LONGEST_NAME = 64;

/** Where names come from. */
export interface ReverseLookup {
  /** Found without asking anyone. */
  known(address: string): string | undefined;
  /** The first is taken. Rejects where nobody answers. */
  reverse(address: string): Promise<readonly string[]>;
  /** What is still asked for is given up. */
  cancel(): void;
}

class Host implements Memorable {
  name: string | undefined;
  /** In milliseconds. */
  askedAt = Number.NEGATIVE_INFINITY;
  /** It waits for its turn, or for an answer. */
  isPending = false;
  touched = 0;
  isForgotten = true;

  constructor(readonly key: string) {}
}

export class FoundNames implements HostNames {
  readonly #lookup: ReverseLookup;
  readonly #hosts = new Remembered<Host>(MOST_NAMES);
  readonly #timer: NodeJS.Timeout;
  #waiting: Host[] = [];
  #inFlight = 0;
  #changes = 0;
  #isClosed = false;
  /** After each answer. */
  #onAnswer: () => void = () => {};

  constructor(lookup: ReverseLookup) {
    this.#lookup = lookup;
    // Whoever has kept a text has to come back for what is asked again.
    this.#timer = setInterval(() => this.#changes++, ASKED_AGAIN_MS).unref();
  }

  get changes(): number {
    return this.#changes;
  }

  nameOf(address: string): string | undefined {
    const known = this.#lookup.known(address);
    if (known !== undefined) return cleanName(known);
    const host = this.#hosts.touch(this.#hosts.get(address) ?? new Host(address));
    this.#want(host);
    return host.name;
  }

  /** Waits until these are known, and no longer than so many milliseconds. What others have asked for is given up. */
  async settle(addresses: readonly string[], mostMs: number): Promise<void> {
    for (const host of this.#waiting.splice(0)) host.isPending = false;
    for (const address of addresses) this.nameOf(address);
    const isDone = () => addresses.every((address) => !this.#hosts.get(address)?.isPending);
    if (isDone()) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      this.#onAnswer = () => {
        if (!isDone()) return;
        clearTimeout(timer);
        resolve();
      };
    });
    this.#onAnswer = () => {};
  }

  /** Nothing is looked up any more. May be called twice. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#timer);
    this.#waiting = [];
    this.#lookup.cancel();
  }

  #want(host: Host): void {
    if (this.#isClosed || host.isPending || this.#waiting.length >= MOST_WAITING) return;
    if (performance.now() - host.askedAt < ASKED_AGAIN_MS) return;
    host.isPending = true;
    this.#waiting.push(host);
    this.#askNext();
  }

  #askNext(): void {
    while (this.#inFlight < MOST_IN_FLIGHT) {
      const host = this.#waiting.shift();
      if (host === undefined) return;
      void this.#ask(host);
    }
  }

  async #ask(host: Host): Promise<void> {
    this.#inFlight++;
    host.askedAt = performance.now();
    const name = await this.#answerOf(host);
    this.#inFlight--;
    host.isPending = false;
    if (name !== host.name) this.#changes++;
    host.name = name;
    this.#onAnswer();
    this.#askNext();
  }

  /** A name that was known stays where nobody answers. */
  async #answerOf({ key, name }: Host): Promise<string | undefined> {
    try {
      return cleanName((await this.#lookup.reverse(key))[0]);
    } catch {
      return name;
    }
  }
}

/**
 * Whoever owns an address may name it as they like: what is no name of a host, or looks like an address, is none.
 * A long one is cut.
 */
export function cleanName(name: string | undefined): string | undefined {
  if (name === undefined || !/^\w[\w.-]*$/.test(name) || isIP(name) !== 0) return undefined;
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME - 3)}...`;
}
