/** The interfaces of a run, for people. */
import { asciiText } from '../text/ascii.js';
import { count } from '../text/units.js';
import type { InterfaceChange } from '../visibility/interface-change.js';

/** More are counted. */
const MOST_NAMED = 5;

/** eth0 eth1 and 3 more; no interface. */
export function namesText(names: readonly string[]): string {
  if (names.length === 0) return 'no interface';
  const more = names.length - MOST_NAMED;
  const named = names.slice(0, MOST_NAMED).map(asciiText).join(' ');
  return more > 0 ? `${named} and ${more} more` : named;
}

/** What packets cross. */
export function labelOf({ areSeveral, interfaceNames: [first = ''] }: Watching): string {
  return areSeveral ? 'each interface' : first;
}

interface Watching {
  readonly areSeveral: boolean;
  readonly interfaceNames: readonly string[];
}

/**
 * A line each, but one for all that have come, and one for those that are gone likewise.
 * @param left so many are watched now
 */
export function changesTexts(changes: readonly InterfaceChange[], left: number): string[] {
  const attached = changes.filter(({ change }) => change === 'attached');
  const others = changes.filter(({ change }) => change === 'refused' || change === 'renamed');
  return [
    ...attachedTexts(attached.map((each) => each.interface)),
    ...others.map(changeText),
    ...detachedTexts(changes, left),
  ];
}

function attachedTexts(names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`watching ${namesText(names)}, too`];
}

function detachedTexts(changes: readonly InterfaceChange[], left: number): string[] {
  const reasons = changes.flatMap((each) => (each.change === 'detached' ? [each.reason] : []));
  if (reasons.length === 0) return [];
  const more = reasons.length - MOST_NAMED;
  const told = reasons.slice(0, MOST_NAMED).join('; ') + (more > 0 ? `; and ${more} more` : '');
  const rest = left === 0 ? 'none is left; waiting for others' : `${count(left, 'interface')} left`;
  return [`${told}: ${rest}`];
}

function changeText(change: InterfaceChange): string {
  const name = asciiText(change.interface);
  if (change.change === 'renamed') {
    const goesOn = change.to === change.interface ? '' : `; the output goes on calling it ${name}`;
    return `interface ${name} is now called ${asciiText(change.to)}${goesOn}`;
  }
  return `interface ${name} is not watched: ${'reason' in change ? change.reason : ''}`;
}
