/** Which network namespaces a run watches, and which interfaces of each. */
import { UsageError } from '../faults.js';
import { namespacesThere } from '../libbpf/namespaces.js';
import {
  findNamespace,
  inNamespace,
  type NamespaceAt,
  NamespaceGone,
  namesThere,
} from '../libbpf/network-namespace.js';
import type { InterfaceWords } from '../sampling/interface-words.js';
import {
  type InterfacePlan,
  namedOnly,
  planAnyOf,
  planInterfaces,
  withMatching,
} from './interface-plan.js';
import { InterfaceSelection } from './interface-selection.js';

/** Stands for all of them, unless it is the name of one. */
const ALL = 'all';

export interface PlannedNamespace {
  readonly where: NamespaceAt;
  readonly plan: InterfacePlan;
}

export interface NamespacesPlan {
  /** What was asked for; undefined is all of them. */
  readonly netns: readonly string[] | undefined;
  readonly words: InterfaceWords;
  /** Those that are there, each once. */
  readonly namespaces: readonly PlannedNamespace[];
  readonly areSeveral: true;
  /** Whether interfaces may come that were not there, or not named. */
  readonly isOpen: boolean;
}

/** Whether these words mean more than one namespace, or may. */
export function meansSeveral(netns: readonly string[]): boolean {
  return netns.length > 1 || isAll(netns);
}

/** @returns the words as they are meant where the thread is */
export type WordsHere = (words: InterfaceWords) => InterfaceWords;

/** Throws a UsageError where a namespace, or an interface that was named, is not there. */
export function planNamespaces(
  words: InterfaceWords,
  netns: readonly string[],
  wordsHere: WordsHere,
): NamespacesPlan {
  if (isAll(netns)) return planAll(words, wordsHere);
  const found = new Map(netns.map(findNamespace).map((where) => [where.inode, where]));
  const namespaces = Array.from(found.values(), (where) => ({
    where,
    plan: inNamespace(where, () => explained(where, () => planInterfaces(wordsHere(words)))),
  }));
  const isOpen = namespaces.some(({ plan }) => plan.isOpen);
  return { netns, words, namespaces, areSeveral: true, isOpen };
}

/** One that has come. Undefined where it is gone again. */
export function planNamespace(
  where: NamespaceAt,
  words: InterfaceWords,
  wordsHere: WordsHere = (asGiven) => asGiven,
): PlannedNamespace | undefined {
  try {
    return { where, plan: inNamespace(where, () => planAnyOf(wordsHere(words))) };
  } catch (error) {
    if (error instanceof NamespaceGone) return undefined;
    throw error;
  }
}

/** Those that are there now, by what was asked for. One that is missing may come again. */
export function presentNamespaces({ netns }: Pick<NamespacesPlan, 'netns'>): NamespaceAt[] {
  if (!netns) return namespacesThere();
  return netns.flatMap((word) => {
    try {
      return findNamespace(word);
    } catch (error) {
      if (error instanceof UsageError) return [];
      throw error;
    }
  });
}

/** As namedOnly() has it, of each; of all namespaces, none: withPresent() finds them again. */
export function namedOnlyIn(plan: NamespacesPlan): NamespacesPlan {
  const namespaces = plan.netns ? plan.namespaces : [];
  return {
    ...plan,
    namespaces: namespaces.map((each) => ({ ...each, plan: namedOnly(each.plan) })),
  };
}

/** With those that are there now. */
export function withPresent(plan: NamespacesPlan, wordsHere: WordsHere): NamespacesPlan {
  if (!plan.netns) return planAll(plan.words, wordsHere);
  const namespaces = plan.namespaces.map(({ where, plan: its }) => ({
    where,
    plan: inNamespace(where, () => withMatching(its)),
  }));
  return { ...plan, namespaces };
}

function isAll(netns: readonly string[]): boolean {
  return netns.includes(ALL) && !namesThere().includes(ALL);
}

function planAll(words: InterfaceWords, wordsHere: WordsHere): NamespacesPlan {
  const planned = namespacesThere().map((where) => planNamespace(where, words, wordsHere));
  const namespaces = planned.filter((each) => each !== undefined);
  requireNamed(words, namespaces, wordsHere);
  return { netns: undefined, words, namespaces, areSeveral: true, isOpen: true };
}

/** What no namespace has is a mistake more likely than something to wait for. */
function requireNamed(
  words: InterfaceWords,
  namespaces: readonly PlannedNamespace[],
  wordsHere: WordsHere,
): void {
  for (const name of new InterfaceSelection(words).literals) {
    const alone = { included: [name], excluded: [] };
    const isThere = namespaces.some(
      ({ where }) => (planNamespace(where, alone, wordsHere)?.plan.interfaces.length ?? 0) > 0,
    );
    if (isThere) continue;
    throw new UsageError(`no network namespace has an interface ${JSON.stringify(name)}`);
  }
}

function explained<Result>({ name }: NamespaceAt, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (name === undefined || !(error instanceof UsageError)) throw error;
    throw new UsageError(`network namespace ${name}: ${error.message}`, { cause: error });
  }
}
