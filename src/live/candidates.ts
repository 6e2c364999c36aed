/** Interfaces that there are, and which of them may be watched. */
import { KernelError } from '../libbpf/errors.js';
import type { Link } from '../libbpf/links.js';
import type { InterfacePlan } from './interface-plan.js';
import { InterfaceSelection } from './interface-selection.js';

/** Lists that the kernel may leave unanswered: some seconds. */
const MOST_UNANSWERED = 30;
/** So often pping is attached where somebody has taken it off: those who always want to be alone do so again. */
const MOST_LOSSES = 2;

export class Candidates {
  readonly #list: () => readonly Link[];
  readonly #selection: InterfaceSelection;
  /** Not to be tried again as long as they are there, by index. */
  readonly #givenUp = new Set<number>();
  /** Those that were refused for want of memory or open files, and that was told; by index. */
  readonly #deferred = new Set<number>();
  /** How often pping was taken off. */
  readonly #losses = new Map<number, number>();
  #unanswered = 0;

  constructor({ words, names }: InterfacePlan, list: () => readonly Link[]) {
    this.#selection = new InterfaceSelection(words, names);
    this.#list = list;
  }

  /** All that there are; undefined where the kernel does not say for want of memory or descriptors, but not for long. */
  present(): readonly Link[] | undefined {
    try {
      const links = this.#list();
      this.#unanswered = 0;
      this.#forgetGone(links);
      return links;
    } catch (error) {
      if (!(error instanceof KernelError) || ++this.#unanswered >= MOST_UNANSWERED) throw error;
      return undefined;
    }
  }

  /** Also false where the kernel does not say, as of present(): then it is tried again later. */
  isThere(index: number): boolean {
    return this.present()?.some((link) => link.index === index) ?? false;
  }

  /** Whether it was asked for, and was not given up. */
  isWanted(link: Link): boolean {
    return !this.#givenUp.has(link.index) && this.#selection.matches(link);
  }

  giveUp(index: number): void {
    this.#givenUp.add(index);
    this.#deferred.delete(index);
  }

  /** It may be had later. @returns whether it was not deferred before */
  defer(index: number): boolean {
    const isNew = !this.#deferred.has(index);
    this.#deferred.add(index);
    return isNew;
  }

  isDeferred(index: number): boolean {
    return this.#deferred.has(index);
  }

  /** It was had. */
  settle(index: number): void {
    this.#deferred.delete(index);
  }

  /** Somebody has taken pping off, or it was away for a moment and is another one now: which of them, nobody knows. */
  noteLoss(index: number): void {
    const losses = (this.#losses.get(index) ?? 0) + 1;
    this.#losses.set(index, losses);
    if (losses >= MOST_LOSSES) this.giveUp(index);
  }

  #forgetGone(links: readonly Link[]): void {
    const there = new Set(links.map(({ index }) => index));
    for (const set of [this.#givenUp, this.#deferred])
      for (const index of set) if (!there.has(index)) set.delete(index);
    for (const index of this.#losses.keys()) if (!there.has(index)) this.#losses.delete(index);
  }
}
