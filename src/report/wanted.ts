/** What a report is to be of, where that is not all of a run: one interface. */
import type { RunRecord } from './records.js';

/** Of an error; a machine may have hundreds. */
const MOST_NAMED = 5;

/** What a report is made of, by the type of its records. */
const MEASURED: ReadonlyMap<RunRecord['type'], string> = new Map([
  ['rtt', 'RTTs'],
  ['aggregate', 'RTTs'],
  ['dns', 'DNS queries'],
]);
/** Of one connection or host, hence of the place where it was seen, also where that has no name. */
const OF_A_PLACE: ReadonlySet<RunRecord['type']> = new Set(['flow', 'overdue', 'route']);

export class Wanted {
  readonly #name: string | undefined;
  readonly #others = new Set<string | undefined>();
  /** What was seen at these. */
  readonly #kinds = new Set<string>();

  /** @param name undefined: all */
  constructor(name: string | undefined) {
    this.#name = name;
  }

  /** What names no interface is of the run as a whole, but for what was measured, connections and hosts. */
  has({ type, interface: name }: RunRecord): boolean {
    if (this.#name === undefined || isCalled(name, this.#name)) return true;
    const kind = MEASURED.get(type);
    if (kind === undefined) return name === undefined && !OF_A_PLACE.has(type);
    this.#kinds.add(kind);
    if (this.#others.size <= MOST_NAMED) this.#others.add(name);
    return false;
  }

  /** What is missing, where something was measured, but all of it elsewhere; undefined where nothing was. */
  get missing(): string | undefined {
    if (this.#others.size === 0) return undefined;
    const what = `${[...this.#kinds].sort().reverse().join(' or ')} seen at ${JSON.stringify(this.#name)}`;
    const names = [...this.#others].filter((other) => other !== undefined);
    if (names.length === 0) return `${what}: they name no interface`;
    const some = names.slice(0, MOST_NAMED).join(', ');
    return `${what}, only at ${some}${names.length > MOST_NAMED ? ', ...' : ''}`;
  }
}

/** Also without its network namespace: names of interfaces have no slash. */
function isCalled(name: string | undefined, wanted: string): boolean {
  return name === wanted || name?.endsWith(`/${wanted}`) === true;
}
