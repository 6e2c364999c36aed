/** The interfaces of a run, for people. */
import { placeText } from '../events/places.js';
import type { InterfaceWords } from '../sampling/interface-words.js';
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

/**
 * Where none is watched: no interface matches zz*; there are: lo eth0.
 * @param existing none where they are of several network namespaces
 */
export function absenceText(words: InterfaceWords, existing: readonly string[]): string {
  const there = existing.length > 0 ? `; there are: ${namesText(existing)}` : '';
  return `${unmatchedText(words)}${there}`;
}

/** The same while others may come. @param where in which network namespace, with a space before it */
export function awaitingText(words: InterfaceWords, where: string): string {
  return `${unmatchedText(words)}${where} yet; waiting for one`;
}

function unmatchedText({ included, excluded }: InterfaceWords): string {
  const text = `no interface matches ${included.map(asciiText).join(' ')}`;
  return excluded.length > 0 ? `${text} (excluded: ${excluded.map(asciiText).join(' ')})` : text;
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
 * A line each, but one for all that have come, one for all that are gone, and one for all that are refused for the same
 * reason.
 * @param left so many are watched now
 * @param isOpen whether others may come
 */
export function changesTexts(
  changes: readonly InterfaceChange[],
  left: number,
  isOpen: boolean,
): string[] {
  const come: string[] = [];
  const gone: string[] = [];
  const refused = new Map<string, string[]>();
  const others: string[] = [];
  for (const change of changes) {
    if (change.change === 'attached') come.push(placeText(change));
    else if (change.change === 'detached' && change.isGone) gone.push(placeText(change));
    else if (change.change === 'refused') {
      refused.set(change.reason, [...(refused.get(change.reason) ?? []), placeText(change)]);
    } else others.push(changeText(change));
  }
  return [
    ...(gone.length > 0 ? [`${goneText(gone)}: ${leftText(left, isOpen)}`] : []),
    ...others,
    ...Array.from(refused, refusedText),
    ...(come.length > 0 ? [comeText(come, left)] : []),
  ];
}

/** Where there are others besides. */
function comeText(names: readonly string[], left: number): string {
  return `${left > names.length ? 'now also watching' : 'now watching'} ${namesText(names)}`;
}

function refusedText([reason, names]: readonly [string, readonly string[]]): string {
  const which = names.length === 1 ? 'interface' : 'interfaces';
  const are = names.length === 1 ? 'is' : 'are';
  return `${which} ${namesText(names)} ${are} not watched: ${reason}`;
}

function goneText(names: readonly string[]): string {
  if (names.length === 1) return `interface ${namesText(names)} is gone`;
  return `interfaces ${namesText(names)} are gone`;
}

function leftText(left: number, isOpen: boolean): string {
  if (left > 0) return `${count(left, 'interface')} left`;
  return isOpen ? 'none left; waiting for others' : 'none left';
}

/** Reasons speak of the interface alone. */
function whereText({ netns }: InterfaceChange): string {
  return netns === undefined ? '' : ` (network namespace ${asciiText(netns)})`;
}

function changeText(change: Exclude<InterfaceChange, { change: 'attached' | 'refused' }>): string {
  if (change.change === 'detached') return change.reason + whereText(change);
  const { to, keeps = to } = change;
  const goesOn = keeps === to ? '' : `; the output keeps the name ${asciiText(keeps)}`;
  return `interface ${asciiText(placeText(change))} was renamed to ${asciiText(to)}${goesOn}`;
}
