/** What becomes of a run's interfaces while it lasts, and who keeps their packets from pping: told as it is found. */
import type { Counters } from '../core/counters.js';
import { changesTexts } from '../format/interfaces.js';
import { sightingText } from '../format/visibility.js';
import type { LiveSource } from '../live/source.js';
import { count } from '../text/units.js';
import type { Pump } from './pump.js';

/** The kernel tells of each change; this is for one that it could not tell. */
const LONGEST_WAIT_MS = 10_000;
/** To leave these takes about a second. */
const MANY = 50;

export interface InterfaceWatchParts {
  readonly source: Pick<
    LiveSource,
    'interfaceNames' | 'isOpen' | 'takeNewNames' | 'follow' | 'check' | 'lookOut' | 'leave'
  >;
  readonly pump: Pick<Pump, 'notice' | 'refreshAll' | 'flush'>;
  /** For people; never among the data. */
  readonly notify: (text: string) => void;
  /** The time, in ns on the clock of the events. */
  readonly now: () => bigint;
}

type Changes = ReturnType<LiveSource['check']>;

export class InterfaceWatch {
  readonly #parts: InterfaceWatchParts;
  /** People are told of those of a second together. */
  #untold: Changes = [];

  constructor(parts: InterfaceWatchParts) {
    this.#parts = parts;
  }

  /** Goes with interfaces that come and go, as soon as they do. Throws a Fault where none is left. */
  async follow(): Promise<void> {
    this.#note(await this.#parts.source.follow(LONGEST_WAIT_MS));
  }

  /** Once a second. Throws a Fault where pping is attached nowhere any more. */
  check(): void {
    const { source, notify } = this.#parts;
    this.#note(source.check());
    const { length } = source.interfaceNames;
    for (const text of changesTexts(this.#untold, length, source.isOpen)) notify(text);
    this.#untold = [];
  }

  /** Who or what keeps packets from pping; once a second. */
  lookOut(counters: Counters): void {
    const { source, pump, notify, now } = this.#parts;
    for (const sighting of source.lookOut(counters)) {
      notify(sightingText(sighting));
      pump.notice({ type: 'visibility', timestamp: now(), sighting });
    }
  }

  /** Sees no more packets. */
  leave(): Promise<void> {
    const { source, notify } = this.#parts;
    const { length } = source.interfaceNames;
    if (length >= MANY)
      notify(`detaching from ${count(length, 'interface')}: the kernel takes a while for each`);
    return source.leave();
  }

  #note(changes: Changes): void {
    const { source, pump, now } = this.#parts;
    for (const change of changes) pump.notice({ type: 'interface', timestamp: now(), change });
    if (source.takeNewNames()) pump.refreshAll();
    // Where no events come, nothing else hands it on.
    if (changes.length > 0) pump.flush();
    this.#untold = [...this.#untold, ...changes];
  }
}
