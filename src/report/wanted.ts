/** What a report is to be of, where that is not all of a run: one interface. */
import type { RunRecord } from './records.js';

/** Of an error; a machine may have hundreds. */
const MOST_NAMED = 5;

export class Wanted {
  readonly #name: string | undefined;
  readonly #others = new Set<string | undefined>();

  /** @param name undefined: all */
  constructor(name: string | undefined) {
    this.#name = name;
  }

  /** What names no interface is of the run as a whole, but for connections. */
  has({ type, interface: name }: RunRecord): boolean {
    if (this.#name === undefined || isCalled(name, this.#name)) return true;
    const isMeasured = type === 'rtt' || type === 'aggregate';
    if (isMeasured && this.#others.size <= MOST_NAMED) this.#others.add(name);
    return name === undefined && !isMeasured && type !== 'flow';
  }

  /** What is missing, where there are RTTs, but all of them elsewhere; undefined where there are none. */
  get missing(): string | undefined {
    if (this.#others.size === 0) return undefined;
    const name = JSON.stringify(this.#name);
    const names = [...this.#others].filter((other) => other !== undefined);
    if (names.length === 0) return `RTTs seen at ${name}: they name no interface`;
    const some = names.slice(0, MOST_NAMED).join(', ');
    return `RTTs seen at ${name}, only at ${some}${names.length > MOST_NAMED ? ', ...' : ''}`;
  }
}

/** Also without its network namespace: names of interfaces have no slash. */
function isCalled(name: string | undefined, wanted: string): boolean {
  return name === wanted || name?.endsWith(`/${wanted}`) === true;
}
