/**
 * Which process a socket belongs to, found some time after it was asked for: when to walk over all open
 * files, which is dear, and for which sockets.
 */
import type { Process } from '../attribution/socket-process.js';
import { forgetOldest } from '../forget-oldest.js';
import { WalkTime } from './walk-time.js';

/** What one walk looks for. */
export const MOST_A_WALK = 4_096;
/** Entries that are kept, but for those given up, which make room: as many as there are flows by default. */
const MOST = 131_072;
/** From the start of one walk to that of the next. */
const LEAST_INTERVAL_MS = 50;
/** After each walk that did not find a socket; after one more it is given up. */
const RETRY_PAUSES_MS = [50, 250, 1_000, 4_000];

/** What waits; for tests, one of their own. */
export interface ProcessClock {
  /** Milliseconds. */
  now(): number;
  /** @returns what calls it off */
  after(milliseconds: number, call: () => void): () => void;
}

export interface ProcessesParts {
  /** Looks for at most MOST_A_WALK cookies: SocketOwners.find() */
  find(cookies: readonly bigint[]): Promise<ReadonlyMap<bigint, Process>>;
  /** Gets those whose process has become known: see get(). */
  found?(cookies: readonly bigint[]): void;
  /** Gets why the first walk failed, of those that did. */
  failed?(error: unknown): void;
  readonly clock?: ProcessClock;
  /** What there is of it for walks, where others walk, too. */
  readonly time?: WalkTime;
  /** Cookies that are kept at most. */
  readonly most?: number;
}

export interface ProcessCounts {
  readonly walks: number;
  /** Walks that failed: they have found nothing. */
  readonly failed: number;
  /** Cookies that were given up. */
  readonly unknown: number;
  /** Calls of want() for which there was no room. */
  readonly refused: number;
}

interface Waiting {
  /** How many walks have not found it. */
  readonly misses: number;
  /** When it is to be looked for. */
  readonly at: number;
}

export const REAL_CLOCK: ProcessClock = {
  now: () => performance.now(),
  after(milliseconds, call) {
    const timer = setTimeout(call, milliseconds);
    return () => clearTimeout(timer);
  },
};

export class Processes {
  readonly #parts: ProcessesParts;
  readonly #clock: ProcessClock;
  readonly #most: number;
  readonly #waiting = new Map<bigint, Waiting>();
  readonly #known = new Map<bigint, Process>();
  /** Given up: not looked for again, as long as there is room. */
  readonly #unknown = new Set<bigint>();
  readonly #counts = { walks: 0, failed: 0, unknown: 0, refused: 0 };
  readonly #time: WalkTime;
  /** None of its walks begins before. */
  #earliest = Number.NEGATIVE_INFINITY;
  /** When the next one will; undefined where none is to. */
  #planned: { readonly at: number; readonly cancel: () => void } | undefined;
  #walking: Promise<void> | undefined;
  #isClosed = false;

  constructor(parts: ProcessesParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? REAL_CLOCK;
    this.#time = parts.time ?? new WalkTime();
    this.#most = parts.most ?? MOST;
  }

  get counts(): ProcessCounts {
    return { ...this.#counts };
  }

  /**
   * Asks for the process of the socket with this cookie. Does nothing where it has been asked for
   * before, and for 0, which is no socket's.
   */
  want(cookie: bigint): void {
    if (cookie === 0n || this.#has(cookie)) return;
    if (!this.#hasRoom()) {
      this.#counts.refused++;
      return;
    }
    const at = this.#clock.now();
    this.#waiting.set(cookie, { misses: 0, at });
    this.#plan(at);
  }

  /** Undefined as long as it is not known, and where it was not wanted. */
  get(cookie: bigint): Process | undefined {
    return this.#known.get(cookie);
  }

  /** Its flow has ended: nobody will ask for it any more. */
  forget(cookie: bigint): void {
    this.#waiting.delete(cookie);
    this.#known.delete(cookie);
    this.#unknown.delete(cookie);
  }

  /** Waits for the walk under way; what it finds is not told any more, and no other begins. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#planned?.cancel();
    this.#planned = undefined;
    await this.#walking;
  }

  #has(cookie: bigint): boolean {
    return this.#waiting.has(cookie) || this.#known.has(cookie) || this.#unknown.has(cookie);
  }

  /** Those given up longest ago make it: their flows may have ended long since, and that not have been seen. */
  #hasRoom(): boolean {
    const wanted = this.#waiting.size + this.#known.size;
    if (wanted + this.#unknown.size >= this.#most) forgetOldest(this.#unknown, this.#unknown.size);
    return wanted + this.#unknown.size < this.#most;
  }

  /** Something is due at `at`: has a walk begin then, or as soon as it may, unless one begins before. */
  #plan(at: number): void {
    if (this.#walking || this.#isClosed) return;
    const begin = Math.max(at, this.#earliest, this.#time.earliest);
    if (this.#planned && this.#planned.at <= begin) return;
    this.#planned?.cancel();
    const wait = Math.max(begin - this.#clock.now(), 0);
    this.#planned = { at: begin, cancel: this.#clock.after(wait, () => this.#begin()) };
  }

  #begin(): void {
    this.#planned = undefined;
    const cookies = this.#due();
    if (cookies.length === 0)
      this.#planNext(); // forgotten meanwhile
    else {
      this.#walking = this.#walk(cookies).finally(() => {
        this.#walking = undefined;
        this.#planNext();
      });
    }
  }

  /** Those that have waited longest come first. */
  #due(): bigint[] {
    const now = this.#clock.now();
    const due: bigint[] = [];
    for (const [cookie, { at }] of this.#waiting) {
      if (at <= now) due.push(cookie);
      if (due.length === MOST_A_WALK) break;
    }
    return due;
  }

  #planNext(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.#waiting.values()) if (at < next) next = at;
    if (next < Number.POSITIVE_INFINITY) this.#plan(next);
  }

  async #walk(cookies: readonly bigint[]): Promise<void> {
    const found = await this.#time.walk(this.#clock, () => {
      this.#earliest = this.#clock.now() + LEAST_INTERVAL_MS;
      return this.#find(cookies);
    });
    if (!this.#isClosed) this.#settle(cookies, found, this.#clock.now());
  }

  async #find(cookies: readonly bigint[]): Promise<ReadonlyMap<bigint, Process>> {
    this.#counts.walks++;
    try {
      return await this.#parts.find(cookies);
    } catch (error) {
      if (this.#counts.failed++ === 0) this.#parts.failed?.(error);
      return new Map();
    }
  }

  #settle(cookies: readonly bigint[], found: ReadonlyMap<bigint, Process>, now: number): void {
    const known: bigint[] = [];
    for (const cookie of cookies) {
      const waiting = this.#waiting.get(cookie);
      if (!waiting) continue; // forgotten meanwhile
      this.#waiting.delete(cookie);
      const process = found.get(cookie);
      if (!process) this.#retry(cookie, waiting.misses + 1, now);
      else {
        this.#known.set(cookie, { pid: process.pid, comm: process.comm });
        known.push(cookie);
      }
    }
    if (known.length > 0) this.#parts.found?.(known);
  }

  #retry(cookie: bigint, misses: number, now: number): void {
    const pause = RETRY_PAUSES_MS[misses - 1];
    if (pause !== undefined) this.#waiting.set(cookie, { misses, at: now + pause });
    else {
      this.#unknown.add(cookie);
      this.#counts.unknown++;
    }
  }
}
