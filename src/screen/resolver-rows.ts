/** What the live view shows a line of where DNS is measured: resolvers, with response times in the place of RTTs. */
import { NOT_KNOWN } from '../attribution/label.js';
import { interfaceText, type SeenAtOf } from '../events/places.js';
import { timeOf } from '../events/time.js';
import type { DnsEvent, KernelEvent } from '../events/types.js';
import { resolverText } from '../format/resolvers.js';
import { isFailure } from '../summary/dns.js';
import { Remembered } from '../summary/recently-used.js';
import { type Resolver, resolverKey, resolverOf } from '../summary/resolvers.js';
import { LEAST_WINDOW } from '../summary/windowed-least.js';
import { asciiText } from '../text/ascii.js';
import type { HostNames } from '../text/host.js';
import { ResolverRow } from './resolver-row.js';
import type { Look } from './row.js';

/** More than anyone scrolls through. */
const MOST_ANSWERING = 2_048;
/** Of those that have never answered: whoever asks made-up addresses pushes out none that answers. */
const MOST_SILENT = 512;

export interface ResolverRowsParts {
  /** Undefined where hosts are shown by their addresses. */
  readonly names?: HostNames | undefined;
  /** Undefined where it is not told at which interface something was seen. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** How far back the least looks, in ns; 0: to the start. */
  readonly window?: number | undefined;
}

export class ResolverRows {
  readonly #parts: ResolverRowsParts;
  readonly #answering = new Remembered<ResolverRow>(MOST_ANSWERING);
  readonly #silent = new Remembered<ResolverRow>(MOST_SILENT);

  constructor(parts: ResolverRowsParts = {}) {
    this.#parts = parts;
  }

  accept(event: KernelEvent): void {
    if (event.type === 'dns') this.#accept(event);
  }

  /** As they are at `now`, in ns on the clock of the events. */
  look(now: number): readonly Look[] {
    return [...this.#answering.values(), ...this.#silent.values()].map((row) =>
      this.#lookOf(row, now),
    );
  }

  #accept(event: DnsEvent): void {
    const key = resolverKey(event);
    const known = this.#answering.get(key) ?? this.#silent.get(key);
    const row = known ?? this.#newRow(key, resolverOf(event));
    this.#record(row, event, timeOf(event));
    if (row.responses === 0) this.#silent.touch(row);
    else {
      // With its first answer it leaves those that never had one.
      if (this.#silent.get(key)) this.#silent.forget(row);
      this.#answering.touch(row);
    }
    const { place } = event;
    if (this.#parts.seenAtOf) row.meet(place, () => this.#interfaceAt(place));
  }

  #record(row: ResolverRow, { responseTime, rcode }: DnsEvent, now: number): void {
    if (responseTime === undefined || rcode === undefined) row.miss(now);
    else row.record(responseTime, isFailure(rcode), now);
  }

  #newRow(key: string, resolver: Resolver): ResolverRow {
    return new ResolverRow(key, resolver, this.#parts.window ?? LEAST_WINDOW);
  }

  /** Its name, to be shown. */
  #interfaceAt(place: number): string {
    return asciiText(interfaceText(this.#parts.seenAtOf?.(place)) ?? NOT_KNOWN);
  }

  #lookOf(row: ResolverRow, now: number): Look {
    const { resolver } = row;
    const subject = resolverText(resolver);
    const { names } = this.#parts;
    const name = names ? resolverText(resolver, names) : subject;
    return { name, subject, ...row.look(now) };
  }
}
