/** Which interfaces are to be watched, by what was said of them. */
import { isPattern, patternMatcher } from './interface-pattern.js';

/** All that are up. */
const ANY = 'any';

export interface InterfaceWords {
  /** Each a name, a shell pattern or `any`. */
  readonly included: readonly string[];
  /** Each a name or a shell pattern. */
  readonly excluded: readonly string[];
}

/** What is to be known of an interface. */
export interface Selectable {
  readonly name: string;
  /** Under which it can be found, too. */
  readonly alternativeNames?: readonly string[];
  readonly isUp: boolean;
  readonly isLoopback: boolean;
}

type Rule = (link: Selectable) => boolean;

export class InterfaceSelection {
  /** The interfaces that were named, each once: they have to be there. */
  readonly literals: readonly string[];
  /** Whether there is a pattern or `any`: then interfaces may come and go. */
  readonly isOpen: boolean;
  readonly #included: readonly Rule[];
  readonly #excluded: readonly Rule[];

  /**
   * @param existing names of interfaces: a word that one of them has is that interface and nothing
   *   else, even if it is `any` or could be a pattern
   */
  constructor({ included, excluded }: InterfaceWords, existing: Iterable<string> = []) {
    const names = new Set(existing);
    const isLiteral = (word: string) => names.has(word) || !(word === ANY || isPattern(word));
    const isName = (word: string) => names.has(word) || !isPattern(word);
    this.literals = Array.from(new Set(included.filter(isLiteral)));
    this.isOpen = !included.every(isLiteral);
    this.#included = included.map((word) => (isLiteral(word) ? called(word) : openRule(word)));
    this.#excluded = excluded.map((word) => (isName(word) ? called(word) : alike(word)));
  }

  /**
   * Whether it is to be watched. `any` takes what is up, a pattern also what is down: whoever
   * describes names means these interfaces, and their packets from the first on. Neither `any` nor
   * a pattern that begins with a wildcard takes loopback, much as a shell's `*` leaves out hidden
   * files: it is meant seldom, carries what no network delays, and most machines have much of it.
   * `lo` and `lo*` do take it. What is excluded is not watched, however it was included.
   */
  matches(link: Selectable): boolean {
    return this.#included.some((rule) => rule(link)) && !this.excludes(link);
  }

  /** Whether it was excluded by a name or a pattern; loopback by any. */
  excludes(link: Selectable): boolean {
    return this.#excluded.some((rule) => rule(link));
  }
}

function openRule(word: string): Rule {
  if (word === ANY) return ({ isUp, isLoopback }) => isUp && !isLoopback;
  const matches = alike(word);
  const takesLoopback = !/^[*?[]/.test(word);
  return (link) => (takesLoopback || !link.isLoopback) && matches(link);
}

function called(name: string): Rule {
  return (link) => link.name === name || link.alternativeNames?.includes(name) === true;
}

/** By the name that output shows alone: nobody sees why another name matched. */
function alike(pattern: string): Rule {
  const matcher = patternMatcher(pattern);
  return ({ name }) => matcher.test(name);
}
