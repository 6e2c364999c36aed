/** Whether a condition has come true of the RTTs of one protocol, where there may be several: of each by itself. */
import type { Protocol } from '../events/names.js';
import { ConditionWatch, type Unjudged } from './condition-watch.js';
import type { CountedInterval } from './counted-window.js';

export class ProtocolWatch extends ConditionWatch {
  readonly #parts = new Map<Protocol, ConditionWatch>();

  /** Of the one that is told; undefined where there was no RTT. */
  override get protocol(): Protocol | undefined {
    return this.#told?.[0];
  }

  override get isMet(): boolean {
    return [...this.#parts.values()].some(({ isMet }) => isMet);
  }

  override get value(): number {
    return this.#told?.[1].value ?? Number.NaN;
  }

  override get considered(): number {
    return this.#told?.[1].considered ?? 0;
  }

  override get most(): number {
    return this.#told?.[1].most ?? 0;
  }

  override get seenFor(): number {
    return this.#told?.[1].seenFor ?? 0;
  }

  override get judgedFor(): number {
    return this.#told?.[1].judgedFor ?? 0;
  }

  override get unjudged(): Unjudged | undefined {
    return this.#told ? this.#told[1].unjudged : 'none';
  }

  override acceptRtt(rtt: number, time: number, protocol: Protocol = 'TCP'): void {
    if (!this.isMet) this.#partOf(protocol).acceptRtt(rtt, time, protocol);
  }

  override acceptInterval(interval: CountedInterval, protocol?: Protocol): void {
    if (!this.isMet && protocol !== undefined)
      this.#partOf(protocol).acceptInterval(interval, protocol);
  }

  /** The one that has come true; else one that could have, or came nearest to it. */
  get #told(): [Protocol, ConditionWatch] | undefined {
    const parts = [...this.#parts];
    const met = parts.find(([, { isMet }]) => isMet);
    const judged = parts.find(([, { unjudged }]) => unjudged === undefined);
    const nearest = parts.sort(([, a], [, b]) => b.most - a.most || b.seenFor - a.seenFor)[0];
    return met ?? judged ?? nearest;
  }

  #partOf(protocol: Protocol): ConditionWatch {
    const known = this.#parts.get(protocol);
    if (known) return known;
    const part = new ConditionWatch(this.condition);
    this.#parts.set(protocol, part);
    return part;
  }
}
