/** Events as they come from the kernel: waited for, taken from the ring buffers, and decoded. */

import { setImmediate as immediate } from 'node:timers/promises';
import type { Anonymizer } from '../events/anonymizer.js';
import { AttributionView } from '../events/attribution-view.js';
import type { AttributionEvent, KernelEvent } from '../events/types.js';
import { RecordView, UndecodableRecord } from '../events/view.js';
import type { LoadedObject } from '../libbpf/object.js';
import { Wakeup } from '../libbpf/wakeup.js';
import { EventRings } from '../maps/event-rings.js';
import type { RecordReader } from '../maps/ring.js';
import type { ReaderState, SettingsMap } from '../maps/settings.js';

/** Who gets the events. */
export interface EventTakers {
  readonly onEvent: (event: KernelEvent) => void;
  /** What is told of a flow comes before the events that it is about. */
  readonly onAttribution?: ((event: AttributionEvent) => void) | undefined;
}

export class EventReader {
  readonly #settings: SettingsMap;
  readonly #rings: EventRings;
  readonly #wakeup: Wakeup;
  readonly #view: RecordView;
  readonly #attributions: AttributionView | undefined;
  #undecodable = 0;
  #isWaiting = false;

  /**
   * @param isAttributed whether the programs tell of connections beyond their packets
   * @param anonymizer undefined: addresses are told as they are
   */
  constructor(
    object: LoadedObject,
    settings: SettingsMap,
    isAttributed: boolean,
    anonymizer?: Anonymizer,
  ) {
    this.#settings = settings;
    this.#rings = new EventRings(object, settings);
    this.#wakeup = new Wakeup(...this.#rings.fds);
    this.#view = new RecordView(anonymizer);
    this.#attributions = isAttributed ? new AttributionView(anonymizer) : undefined;
  }

  /** Records that could not be understood; always 0 unless object and CLI do not belong together. */
  get undecodable(): number {
    return this.#undecodable;
  }

  /** How full the ring buffers are, from 0 to 1. */
  get backlog(): number {
    return this.#rings.fill;
  }

  /** Whether there are as many events as are worth waking the reader. */
  get areMany(): boolean {
    return this.#rings.areMany;
  }

  /** Resolves when the ring buffer is filling up, or after `timeoutMs`. */
  wait(timeoutMs: number): Promise<void> {
    return this.#waitFor('waitsForMany', () => this.#rings.areMany, timeoutMs);
  }

  /** Resolves with the next event, or after `timeoutMs`: for when there are few. */
  waitForEvent(timeoutMs: number): Promise<void> {
    return this.#waitFor('waitsForOne', () => !this.#rings.isEmpty, timeoutMs);
  }

  /** Ends the wait that is under way, or the next one. */
  interrupt(): void {
    this.#wakeup.interrupt();
  }

  /** Hands over the events that are there, at most so many, each to be read before it returns. @returns how many */
  drain({ onEvent, onAttribution }: EventTakers, most: number): number {
    const read: RecordReader = (bytes, offset, length) => {
      try {
        const attribution = this.#attributions?.at(bytes, offset, length);
        if (attribution) onAttribution?.(attribution);
        else onEvent(this.#view.at(bytes, offset, length));
      } catch (error) {
        if (!(error instanceof UndecodableRecord)) throw error;
        this.#undecodable++;
      }
    };
    const taken = this.#rings.drain(read, most);
    // A wait that is under way may have been told of what is no longer there: it would go on, and nothing end it.
    if (taken > 0 && this.#isWaiting) this.#wakeup.interrupt();
    return taken;
  }

  /** Only when no wait is under way. */
  close(): void {
    this.#wakeup.close();
    this.#rings.close();
  }

  async #waitFor(state: ReaderState, isThere: () => boolean, timeoutMs: number): Promise<void> {
    this.#settings.readerWaits = state;
    // What came before that was known wakes nobody. Timers, signals and the output have their turn all the same.
    if (isThere()) await immediate();
    else await this.#wakeUp(timeoutMs);
    this.#settings.readerWaits = 'isAwake';
  }

  async #wakeUp(timeoutMs: number): Promise<void> {
    this.#isWaiting = true;
    try {
      await this.#wakeup.wait(timeoutMs);
    } finally {
      this.#isWaiting = false;
    }
  }
}
