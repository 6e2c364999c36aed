/**
 * Who or what keeps packets from pping, while it runs. Others may come in front of it, or be there
 * from the start on egress; it goes in front of them once in each direction, and from then on only
 * says who it is, so that two who both want to be first do not push each other for ever.
 */
import { HOOKS, type Hook, type Predecessor } from '../core/hooks.js';
import type { Attachment } from '../libbpf/attachment.js';
import { KernelError } from '../libbpf/errors.js';
import type { Interface } from '../libbpf/interfaces.js';
import { type LinkState, linkState } from '../libbpf/link-state.js';
import { type Blind, BlindnessWatch, type Seen } from '../visibility/blindness.js';
import type {
  Hidden,
  HidingCause,
  Moved,
  Preceded,
  Predecessors,
  Sighting,
} from '../visibility/sightings.js';

type Found = Moved | Preceded | Hidden;

export class Visibility {
  readonly #attachment: Attachment;
  readonly #interface: string;
  readonly #ask: () => LinkState | undefined;
  readonly #blindness = new BlindnessWatch();
  readonly #moved = new Set<Hook>();
  readonly #told = new Set<string>();
  readonly #sightings: Sighting[] = [];

  /** @param ask for the interface's own counters */
  constructor(
    attachment: Attachment,
    { name, index }: Pick<Interface, 'name' | 'index'>,
    ask = () => linkState(index),
  ) {
    this.#attachment = attachment;
    this.#interface = name;
    this.#ask = ask;
  }

  /** All that was found. */
  get sightings(): readonly Sighting[] {
    return this.#sightings;
  }

  /** Who is in front of pping now. */
  predecessors(): Predecessors {
    const of = (hook: Hook) => unlessRefused(() => this.#attachment.predecessors(hook)) ?? [];
    return { egress: of('egress'), ingress: of('ingress') };
  }

  /**
   * Once a second; goes in front of others where that is called for. Throws a KernelError where
   * pping could not be attached again.
   * @param seen what pping has counted; undefined where it does not: then it is not compared with the interface's counters
   * @returns what is to be told, each only once
   */
  look(seen: Seen | undefined, nowMs: number): Sighting[] {
    const found = this.#lookInFront();
    if (seen) found.push(...this.#lookForBlindness(seen, nowMs));
    const news = found
      .filter((sighting) => this.#isNew(sighting))
      .map((sighting) => ({ ...sighting, interface: this.#interface }));
    this.#sightings.push(...news);
    return news;
  }

  /** On ingress it belongs at the head: what stands in front may hide a part of the packets. */
  #lookInFront(): Found[] {
    const hook = 'ingress';
    const predecessors = unlessRefused(() => this.#attachment.predecessors(hook)) ?? [];
    if (predecessors.length === 0) return [];
    return this.#moveOnce(hook, predecessors) ?? [{ change: 'preceded', hook, predecessors }];
  }

  #lookForBlindness(seen: Seen, nowMs: number): Found[] {
    const state = unlessRefused(this.#ask);
    // Loopback counts each packet once, at both hooks.
    if (!state || state.isLoopback) return [];
    return this.#blindness.look(state, seen, nowMs).flatMap((blind) => this.#explain(blind, state));
  }

  #explain(blind: Blind, state: LinkState): Found[] {
    const { hook } = blind;
    const predecessors = unlessRefused(() => this.#attachment.predecessors(hook)) ?? [];
    const moved = predecessors.length > 0 ? this.#moveOnce(hook, predecessors) : undefined;
    if (moved) return moved;
    const { xdp } = state;
    return [{ change: 'hidden', ...blind, cause: causeOf(predecessors, state), predecessors, xdp }];
  }

  /** Undefined where it has moved before. */
  #moveOnce(hook: Hook, predecessors: readonly Predecessor[]): Found[] | undefined {
    if (this.#moved.has(hook)) return undefined;
    this.#moved.add(hook);
    this.#attachment.moveToFront(hook);
    this.#blindness.restart();
    const left = this.#attachment.predecessors(hook);
    const passed = predecessors.filter((each) => !left.some((other) => isSame(each, other)));
    const found: Found[] = [];
    if (passed.length > 0) found.push({ change: 'moved', hook, predecessors: passed });
    if (left.length > 0) found.push({ change: 'preceded', hook, predecessors: left });
    return found;
  }

  #isNew(sighting: Found): boolean {
    const { change, hook, predecessors } = sighting;
    const cause = change === 'hidden' ? sighting.cause : '';
    const who = predecessors.map(({ programId, name }) => `${programId} ${name}`);
    const what = [change, hook, cause, ...who].join('/');
    // Who changes all the time is told no more.
    if (this.#told.has(what) || this.#told.size >= MOST_TOLD) return false;
    this.#told.add(what);
    return true;
  }
}

const MOST_TOLD = 8 * HOOKS.length;

function causeOf(predecessors: readonly Predecessor[], state: LinkState): HidingCause {
  if (predecessors.length > 0) return 'program';
  if (state.xdp !== undefined) return 'xdp';
  return state.isSwitchPort ? 'hardware' : 'unknown';
}

function isSame(one: Predecessor, other: Predecessor): boolean {
  return (
    one.programId === other.programId && one.name === other.name && one.priority === other.priority
  );
}

/** The kernel may have no memory for an answer; then the next look tells. */
function unlessRefused<Answer>(question: () => Answer): Answer | undefined {
  try {
    return question();
  } catch (error) {
    if (error instanceof KernelError) return undefined;
    throw error;
  }
}
