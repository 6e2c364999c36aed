/** Which interfaces a run begins with, and which may come later. */
import type { WatchedLink } from '../core/programs.js';
import { UsageError } from '../faults.js';
import { interfaceNames } from '../interface-names.js';
import { findInterface, type Interface } from '../libbpf/interfaces.js';
import { listLinks } from '../libbpf/links.js';
import type { InterfaceWords } from '../sampling/interface-words.js';
import { InterfaceSelection } from './interface-selection.js';
import type { Watched } from './programs.js';

/** The pattern that all names match. */
const EVERY = '*';

export interface InterfacePlan {
  readonly words: InterfaceWords;
  /** Those of the words that were names of interfaces, whatever they look like. */
  readonly names: readonly string[];
  /** Those that are there, the ones that were named before the others. */
  readonly interfaces: readonly Interface[];
  /** So many were named. */
  readonly named: number;
  /** Whether there are, or may be, more than one. */
  readonly areSeveral: boolean;
  /** Whether others may come, and those that there are may go. */
  readonly isOpen: boolean;
}

/** Throws a UsageError where one that was named is not there, or cannot be read, or where none is left. */
export function planInterfaces(words: InterfaceWords): InterfacePlan {
  requireSome(words);
  const names = interfaceNames().filter(
    (name) => words.included.includes(name) || words.excluded.includes(name),
  );
  const selection = new InterfaceSelection(words, names);
  const { literals, isOpen } = selection;
  const named = literals.map(findInterface).filter((each) => !selection.excludes(asLink(each)));
  if (named.length === 0 && !isOpen) {
    throw new UsageError(`--exclude-interface leaves no interface: ${literals.join(', ')}`);
  }
  const interfaces = [...new Map(named.map((each) => [each.index, each])).values()];
  const areSeveral = isOpen || interfaces.length > 1;
  return withMatching({
    words,
    names,
    interfaces,
    named: interfaces.length,
    areSeveral,
    isOpen,
  });
}

/** What leaves out all would wait for ever. */
function requireSome({ excluded }: InterfaceWords): void {
  if (excluded.includes(EVERY))
    throw new UsageError(`--exclude-interface '${EVERY}' leaves no interface`);
}

/** Of interfaces any of which may be missing, or come later: also those that were named. */
export function planAnyOf(words: InterfaceWords): InterfacePlan {
  requireSome(words);
  const none = { names: [], interfaces: [], named: 0 };
  return withMatching({ ...none, words, areSeveral: true, isOpen: true });
}

/** Without those that nobody named, of which there may be thousands: withMatching() finds them again. */
export function namedOnly(plan: InterfacePlan): InterfacePlan {
  return { ...plan, interfaces: plan.interfaces.slice(0, plan.named) };
}

/** With those that are there now. */
export function withMatching(plan: InterfacePlan): InterfacePlan {
  if (!plan.isOpen) return plan;
  const selection = new InterfaceSelection(plan.words, plan.names);
  const interfaces = new Map(plan.interfaces.map((each) => [each.index, each]));
  for (const each of matching(selection)) interfaces.set(each.index, each);
  return { ...plan, interfaces: [...interfaces.values()] };
}

/** What the programs have to know of them: those to come may be of either kind. */
export function watchedOf({ interfaces, areSeveral, isOpen }: InterfacePlan): Watched {
  const links = isOpen ? BOTH : interfaces.map(({ linkLayer }) => linkLayer);
  const isLoopback = !areSeveral && interfaces.some((each) => each.isLoopback);
  return { links: [...new Set(links)], isLoopback, areSeveral };
}

const BOTH: readonly WatchedLink[] = ['ethernet', 'ip'];

function matching(selection: InterfaceSelection): Interface[] {
  return listLinks().flatMap((link) => {
    const { name, index, linkLayer, isLoopback } = link;
    const isWatched = linkLayer !== undefined && selection.matches(link);
    return isWatched ? { name, index, linkLayer, isLoopback } : [];
  });
}

/** With its other names; what was named is watched whether it is up or not. */
function asLink({ name, index, isLoopback }: Interface) {
  return listLinks().find((link) => link.index === index) ?? { name, isLoopback, isUp: true };
}
