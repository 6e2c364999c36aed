/**
 * Whose connections are that were there before this run, or were idle for longer than the flow timeout: when to look at
 * the sockets of all processes for them, which is dear, and for how long.
 */
import type { OpenConnections } from '../attribution/open-connection.js';
import type { UnownedFlow, Verdict } from '../attribution/unowned-flow.js';
import { type ProcessClock, REAL_CLOCK } from './processes.js';
import { type Found, findBySequence, type IsWanted } from './sequence-match.js';
import type { WalkTime } from './walk-time.js';

/** What waits comes together. */
const SOON_MS = 25;
/** From the start of one search to that of the next; after each that was in vain twice as long. */
const LEAST_INTERVAL_MS = 250;
const MOST_INTERVAL_MS = 16_000;
/** Where it is looked by the clock whether there is something to search for. */
const LOOK_INTERVAL_MS = 1_000;
/** Until what was on its way during the walk has passed. */
const SETTLING_MS = 20;
/** After each search in which a flow was not found; after one more it is given up. */
const RETRY_PAUSES_MS = [1_000, 4_000, 16_000];
/**
 * Where the one end that is found is not asked for, the other is looked for likewise: a server may not have taken the
 * connection yet. If more are listed these are left out at once: what waits takes room that others need.
 */
const MOST_LISTED = 1_024;

export interface EarlierConnectionsParts {
  /** Lists the flows that nothing has told whose they are. */
  list(): Promise<readonly UnownedFlow[]>;
  /** Gets what is to be done with flows of the last list. */
  decide(verdicts: readonly Verdict[]): Promise<void>;
  /** Loads what walks over all sockets, once. @returns undefined where that cannot be, as has been told */
  walker(): Walker | undefined;
  /** Undefined where all are. */
  readonly isWanted?: IsWanted | undefined;
  /** Of walks. */
  readonly time: WalkTime;
  /** Gets why a search has failed; there is none after it. */
  failed(error: unknown): void;
  /** Whether it is looked by the clock whether there are any, since nobody may be told of them. */
  readonly isByClock: boolean;
  readonly clock?: ProcessClock;
}

export interface Walker {
  connections(): Promise<OpenConnections>;
}

interface Waiting {
  /** How many searches have not found it. */
  readonly misses: number;
  /** When it is to be looked for. */
  readonly at: number;
}

export class EarlierConnections {
  readonly #parts: EarlierConnectionsParts;
  readonly #clock: ProcessClock;
  /** By the flow's id: of those that are listed. */
  #waiting: ReadonlyMap<number, Waiting> = new Map();
  #interval = LEAST_INTERVAL_MS;
  #earliest = Number.NEGATIVE_INFINITY;
  #planned: { readonly at: number; readonly cancel: () => void } | undefined;
  #searching: Promise<void> | undefined;
  /** A flow has come while one was under way. */
  #isWantedAgain = false;
  #isClosed = false;

  constructor(parts: EarlierConnectionsParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? REAL_CLOCK;
    if (parts.isByClock) this.want();
  }

  /** There is a flow, met in mid-stream, and nothing has told whose it is. */
  want(): void {
    if (this.#searching) this.#isWantedAgain = true;
    else this.#plan(this.#clock.now() + SOON_MS);
  }

  /** Whether what is wanted now may be known within some 100 ms: else it is no use to wait for it. */
  get isSoon(): boolean {
    const at = this.#planned?.at ?? Number.POSITIVE_INFINITY;
    return this.#searching !== undefined || at - this.#clock.now() <= SOON_MS;
  }

  /** Waits for the search under way; no other begins. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#planned?.cancel();
    this.#planned = undefined;
    await this.#searching;
  }

  /** Has a search begin at `at`, or as soon as it may, unless one begins before. */
  #plan(at: number): void {
    if (this.#searching || this.#isClosed) return;
    const begin = Math.max(at, this.#earliest, this.#parts.time.earliest);
    if (this.#planned && this.#planned.at <= begin) return;
    this.#planned?.cancel();
    const wait = Math.max(begin - this.#clock.now(), 0);
    this.#planned = { at: begin, cancel: this.#clock.after(wait, () => this.#begin()) };
  }

  #begin(): void {
    this.#planned = undefined;
    this.#isWantedAgain = false;
    this.#searching = this.#search()
      .catch((error) => {
        if (!this.#isClosed) this.#parts.failed(error);
        this.#isClosed = true;
      })
      .finally(() => {
        this.#searching = undefined;
        this.#planNext();
      });
  }

  #planNext(): void {
    const now = this.#clock.now();
    if (this.#isWantedAgain) this.#plan(now + SOON_MS);
    if (this.#parts.isByClock) this.#plan(now + LOOK_INTERVAL_MS);
    let next = Number.POSITIVE_INFINITY;
    for (const { at } of this.#waiting.values()) if (at < next) next = at;
    if (next < Number.POSITIVE_INFINITY) this.#plan(next);
  }

  async #search(): Promise<void> {
    const { list, decide } = this.#parts;
    const began = this.#clock.now();
    const before = await list();
    const due = before.filter(({ id }) => (this.#waiting.get(id)?.at ?? began) <= began);
    this.#keep(before);
    if (due.length === 0 || this.#isClosed) return;
    // Not as a part of the walk, whose duration is that of the next pause.
    const walker = this.#parts.walker();
    this.#isClosed ||= !walker;
    if (!walker) return;
    const sockets = await this.#parts.time.walk(this.#clock, () => walker.connections());
    await new Promise<void>((resolve) => this.#clock.after(SETTLING_MS, resolve));
    const after = await list();
    const ids = new Set(due.map(({ id }) => id));
    const sought = after.filter(({ id }) => ids.has(id));
    const compared = this.#clock.now();
    const found = findBySequence(due, sockets, sought, this.#parts.isWanted);
    this.#parts.time.spend(compared, this.#clock.now());
    this.#interval =
      found.length > 0 ? LEAST_INTERVAL_MS : Math.min(2 * this.#interval, MOST_INTERVAL_MS);
    this.#earliest = began + this.#interval;
    await decide(this.#verdicts(sought, found, after.length));
  }

  /** Those that are listed, and no others. */
  #keep(flows: readonly UnownedFlow[]): void {
    const now = this.#clock.now();
    const known = (id: number) => this.#waiting.get(id) ?? { misses: 0, at: now };
    this.#waiting = new Map(flows.map(({ id }) => [id, known(id)]));
  }

  /** Of those that are settled; the others are looked for again. @param listed how many are, due or not */
  #verdicts(sought: readonly UnownedFlow[], found: readonly Found[], listed: number): Verdict[] {
    const now = this.#clock.now();
    const byFlow = new Map(found.map((each) => [each.flow.id, each]));
    const waiting = new Map(this.#waiting);
    const verdicts: Verdict[] = [];
    for (const flow of sought) {
      const { misses } = waiting.get(flow.id) ?? { misses: 0 };
      const pause = RETRY_PAUSES_MS[misses];
      const each = byFlow.get(flow.id);
      if (pause !== undefined && isOpen(each, listed)) {
        waiting.set(flow.id, { misses: misses + 1, at: now + pause });
        continue;
      }
      waiting.delete(flow.id);
      verdicts.push(last(flow, each));
    }
    this.#waiting = waiting;
    return verdicts;
  }
}

function isOpen(found: Found | undefined, listed: number): boolean {
  return found === undefined || (found.is === 'unwanted' && listed <= MOST_LISTED);
}

function last(flow: UnownedFlow, found: Found | undefined): Verdict {
  if (found === undefined) return { flow, is: 'givenUp' };
  return found.is === 'unwanted' ? { flow, is: 'refused' } : found;
}
