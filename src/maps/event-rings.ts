/**
 * The events of the programs, in two ring buffers: a small one, which stays in the CPUs' caches, and a large one for
 * when the small one overflows since its reader is late. bpf/kernel/event_rings.h has the other side.
 */
import type { LoadedObject } from '../libbpf/object.js';
import { type RecordReader, RingBuffer } from './ring.js';
import type { SettingsMap } from './settings.js';

const EVENTS_MAP = 'events';
const OVERFLOW_MAP = 'overflow';
/** All that it takes to read them. */
export const EVENT_MAPS = [EVENTS_MAP, OVERFLOW_MAP] as const;

export class EventRings {
  readonly #settings: Pick<SettingsMap, 'overflows'>;
  readonly #events: RingBuffer;
  readonly #overflow: RingBuffer;
  /** Of their maps: to wait for a wakeup. */
  readonly fds: readonly number[];

  /** Of loaded programs. */
  constructor(object: LoadedObject, settings: Pick<SettingsMap, 'overflows'>) {
    const events = object.map(EVENTS_MAP);
    const overflow = object.map(OVERFLOW_MAP);
    this.#settings = settings;
    this.#events = new RingBuffer(events.fd, events.maxEntries);
    this.#overflow = new RingBuffer(overflow.fd, overflow.maxEntries);
    this.fds = [events.fd, overflow.fd];
  }

  /**
   * Hands complete records to `read`, and frees their space: all, or the first `most`. In order, but for what two CPUs
   * tell of within microseconds.
   * @returns how many there were
   */
  drain(read: RecordReader, most = Number.POSITIVE_INFINITY): number {
    const late = this.#settings.overflows ? 0 : this.#overflow.drain(read, most);
    const first = late + this.#events.drain(read, most - late);
    return this.#settings.overflows ? first + this.#drainOverflow(read, most - first) : first;
  }

  /** Whether there are records, some perhaps still being written. */
  get isEmpty(): boolean {
    return this.#events.isEmpty && this.#overflow.isEmpty;
  }

  /** Whether there are as many as are worth waking the reader (bpf/kernel/event_rings.h). */
  get areMany(): boolean {
    return this.#settings.overflows || this.#events.used >= this.#events.size / 4;
  }

  /** The share of all room that is taken by records, from 0 to 1. */
  get fill(): number {
    return (this.#events.used + this.#overflow.used) / (this.#events.size + this.#overflow.size);
  }

  /** May be called twice; nothing may be drained afterwards. */
  close(): void {
    this.#events.close();
    this.#overflow.close();
  }

  /** After all that came before it: nothing more comes into the small one meanwhile. */
  #drainOverflow(read: RecordReader, most: number): number {
    const before = this.#events.drain(read, most);
    if (before === most || !this.#events.isEmpty) return before;
    const records = this.#overflow.drain(read, most - before);
    if (this.#overflow.isEmpty) this.#settings.overflows = false;
    return before + records;
  }
}
