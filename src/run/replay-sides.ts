/** The sides of captures that do not say them, where the user does not say them, either. */
import { packetsIn } from '../core/counters.js';
import { copyOf } from '../events/decode.js';
import { isWithinHost } from '../events/same-host.js';
import type { FlowEvent, KernelEvent } from '../events/types.js';
import { bothSidesText, localSideText } from '../format/local-side.js';
import type { ReplayOptions } from '../options/options.js';
import type { ReplayCore } from '../replay/core.js';
import { lookAtFirst } from '../replay/first-look.js';
import { type LocalSide, localSideOf, type OpenedFlow } from '../summary/local-side.js';
import type { Side } from '../summary/sides.js';
import type { Consumer } from './consumer.js';

/** More would show the same. */
const MOST_FLOWS = 2_000;

export class ReplaySides implements Consumer {
  readonly #core: ReplayCore;
  /** What is said where nothing is plain. */
  readonly #bothSides: string;
  #say: (text: string) => void = () => {};
  /** What is known before the first packet. */
  #remark: string | undefined;
  /** Whether there is nothing more to say. */
  #isOver = false;
  #expected: Side = 'unknown';

  private constructor(core: ReplayCore, captures: readonly string[]) {
    this.#core = core;
    this.#bothSides = bothSidesText(captures.includes('-'));
  }

  /**
   * Looks at the first part of the captures. Where it is plain which side is this one, the core is told.
   * @param core that of the replay, before its first packet
   * @param createCore one that is set up like it
   */
  static async find(
    options: ReplayOptions,
    core: ReplayCore,
    createCore: () => ReplayCore,
  ): Promise<ReplaySides> {
    const sides = new ReplaySides(core, options.captures);
    if (options.local.length > 0) sides.#know();
    else await sides.#look(options, createCore());
    return sides;
  }

  /** The side that is told before there is an RTT. */
  get expected(): Side {
    return this.#expected;
  }

  /** Says what is known by now, and what becomes known later once it does. */
  tell(say: (text: string) => void): void {
    this.#say = say;
    if (this.#remark !== undefined) this.#end(this.#remark);
  }

  /** Of streams nobody can know it before. Where the capture tells of other packets, these RTTs are apart. */
  accept(event: KernelEvent): void {
    if (this.#isOver || !isOfUnknownSide(event)) return;
    if (isToldTo(this.#core)) this.#isOver = true;
    else this.#end(this.#bothSides);
  }

  async #look(options: ReplayOptions, core: ReplayCore): Promise<void> {
    const { captures, reorder, anonymization } = options;
    const flows: OpenedFlow[] = [];
    let areMixed = false;
    await lookAtFirst(captures, core, reorder, (event) => {
      if (isOpening(event)) flows.push(copyOf(event) as FlowEvent);
      areMixed ||= isOfUnknownSide(event);
      return flows.length < MOST_FLOWS;
    });
    if (isToldTo(core)) return;
    const local = localSideOf(flows);
    if (local) this.#take(local, anonymization.how !== undefined);
    else if (areMixed) this.#remark = this.#bothSides;
  }

  #take(local: LocalSide, isAnonymized: boolean): void {
    this.#core.guessLocal(local.prefixes);
    this.#remark = localSideText(local, isAnonymized);
    this.#know();
  }

  #know(): void {
    this.#expected = 'beyond';
    this.#isOver = true;
  }

  #end(text: string): void {
    this.#isOver = true;
    this.#say(text);
  }
}

function isOpening(event: KernelEvent): boolean {
  return event.type === 'flow' && event.change === 'opening';
}

function isOfUnknownSide(event: KernelEvent): boolean {
  return event.type === 'rtt' && event.matchOnEgress === undefined && !isWithinHost(event);
}

/** Whether the capture says of any packet on which side it was. */
function isToldTo(core: ReplayCore): boolean {
  return packetsIn({ ...core.counters(), captured: 0 }) > 0;
}
