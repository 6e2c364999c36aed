/** What is kept of each side of the interface; and where several protocols may be measured, of each of them there. */
import { PROTOCOL_NAMES, type Protocol } from '../events/names.js';
import { SIDES, type Side } from './sides.js';

/** RTTs of two sides, or of two protocols, are never put into one figure. */
export interface SideKey {
  readonly side: Side;
  /** Undefined where protocols are not told apart: then there is but one. */
  readonly protocol?: Protocol | undefined;
}

const ORDER: readonly (Protocol | undefined)[] = [undefined, ...Object.values(PROTOCOL_NAMES)];

export class BySide<Value> {
  readonly #areProtocolsTold: boolean;
  readonly #make: () => Value;
  readonly #sides = {
    beyond: new Map<Protocol | undefined, Value>(),
    behind: new Map<Protocol | undefined, Value>(),
    unknown: new Map<Protocol | undefined, Value>(),
  } satisfies Record<Side, unknown>;

  constructor(areProtocolsTold: boolean, make: () => Value) {
    this.#areProtocolsTold = areProtocolsTold;
    this.#make = make;
  }

  /** Made where there is none yet. */
  of(side: Side, protocol: Protocol | undefined): Value {
    const known = this.get(side, protocol);
    if (known !== undefined) return known;
    const made = this.#make();
    this.#sides[side].set(this.#told(protocol), made);
    return made;
  }

  /** Undefined where there is none yet. */
  get(side: Side, protocol: Protocol | undefined): Value | undefined {
    return this.#sides[side].get(this.#told(protocol));
  }

  /** In the order in which they are shown. */
  all(): (SideKey & { readonly value: Value })[] {
    return SIDES.flatMap((side) =>
      ORDER.flatMap((protocol) => {
        const value = this.#sides[side].get(protocol);
        return value === undefined ? [] : [{ side, protocol, value }];
      }),
    );
  }

  #told(protocol: Protocol | undefined): Protocol | undefined {
    return this.#areProtocolsTold ? protocol : undefined;
  }
}

/** Which of them are told: those that there ever was anything of; before that the one that is expected. */
export class ToldSides {
  readonly #expected: Side;
  readonly #seen = new Map<string, SideKey>();

  constructor(expected: Side) {
    this.#expected = expected;
  }

  add({ side, protocol }: SideKey): void {
    this.#seen.set(`${side} ${protocol}`, { side, protocol });
  }

  /** In the order in which they are shown. */
  all(): readonly SideKey[] {
    if (this.#seen.size === 0) return [{ side: this.#expected }];
    const rankOf = ({ side, protocol }: SideKey) =>
      SIDES.indexOf(side) * ORDER.length + ORDER.indexOf(protocol);
    return [...this.#seen.values()].sort((a, b) => rankOf(a) - rankOf(b));
  }
}
