/** Which filters packets meet before ours, and the priority that is in front of them. */
import type { Hook, Predecessor } from '../core/hooks.js';
import { namesAt } from '../core/programs.js';
import type { FilterAtHook, PlacedFilter } from './clsact-filter.js';
import { isOwnProgram } from './info.js';

/**
 * Of our filters (`pref` in tc), where nobody is to be got in front of: "PP". What is added without
 * a priority comes behind it: tc begins at 49152 and goes down to 32768.
 */
export const PRIORITY = 0x5050;
const FIRST = 1;

/**
 * In front of all filters of others; where that is not free, in front of as many as can be. Of filters
 * of our kind that have the same priority, the one that was added last comes first.
 */
export function priorityInFront(filters: Iterable<FilterAtHook>): number {
  const others: FilterAtHook[] = [];
  for (const filter of filters) {
    if (filter.priority > PRIORITY) break;
    if (!isPping(filter)) others.push(filter);
  }
  const [first] = others;
  if (!first) return PRIORITY;
  if (first.priority > FIRST) return first.priority - 1;
  let priority = FIRST;
  while (isTaken(priority, others)) priority++;
  return priority;
}

function isTaken(priority: number, filters: readonly FilterAtHook[]): boolean {
  return filters.some((filter) => filter.priority === priority && !filter.isOfOurKind);
}

/** Others' in front of the one with this handle, which is ours. None where it is not there. */
export function filtersBefore(filters: Iterable<FilterAtHook>, handle: number): Predecessor[] {
  const before: FilterAtHook[] = [];
  for (const filter of filters) {
    if (filter.handle === handle && isPping(filter)) return filtersOfOthers(before);
    before.push(filter);
  }
  return [];
}

/** Thousands of one kind and priority are one. */
export function filtersOfOthers(filters: Iterable<FilterAtHook>): Predecessor[] {
  const others = new Map<string, Predecessor>();
  for (const filter of filters) {
    const { name, programId, priority } = filter;
    if (isPping(filter)) continue;
    others.set(`${priority} ${programId} ${name}`, { programId, name, priority });
  }
  return [...others.values()];
}

/** Whether pping has put it there: libbpf names it after program and id. */
export function isOurFilter(hook: Hook, { name, programId }: PlacedFilter): boolean {
  return namesAt(hook).some((own) => name === `${own}:[${programId}]`);
}

function isPping({ name }: PlacedFilter): boolean {
  return isOwnProgram(name.replace(/:\[\d+\]$/, ''));
}
