/** How places are called. */
import type { SeenAt } from '../run-facts.js';
import { quantity } from './text.js';

/** More of them say little in a title. */
const MOST_NAMES = 3;

/** With its capture in front, as in the summary of a run. */
export function placeName(seenAt: SeenAt): string {
  return isNamed(seenAt) ? namesOf(seenAt).join(' ') : 'elsewhere';
}

/** Behind what was seen there. */
export function atPlace(seenAt: SeenAt): string {
  return isNamed(seenAt) ? `at ${placeName(seenAt)}` : 'elsewhere';
}

/** RTTs on eth0, wan; RTTs on eth0 of a.pcapng. */
export function titleOf(places: readonly SeenAt[], areAll: boolean): string {
  const { captures, interfaces } = namesIn(places);
  if (!places.some(isNamed)) return areAll ? 'RTTs of a capture' : 'RTTs seen elsewhere';
  const on = interfaces.length === 0 ? '' : ` on ${listed(interfaces, 'interface')}`;
  return `RTTs${on}${captures.length === 0 ? '' : ` of ${listed(captures, 'capture')}`}`;
}

/** At 3 interfaces; in 2 captures; at 4 interfaces of 2 captures. */
export function atPlaces(places: readonly SeenAt[]): string {
  const { captures, interfaces } = namesIn(places);
  const ofCaptures = quantity(captures.length, 'capture');
  if (interfaces.length === 0) return `in ${ofCaptures}`;
  const atInterfaces = `at ${quantity(places.length, 'interface')}`;
  return captures.length === 0 ? atInterfaces : `${atInterfaces} of ${ofCaptures}`;
}

/** Each once. */
export function interfacesIn(places: readonly SeenAt[]): readonly string[] {
  return namesIn(places).interfaces;
}

function isNamed(seenAt: SeenAt): boolean {
  return namesOf(seenAt).length > 0;
}

function namesOf({ capture, interface: name }: SeenAt): string[] {
  return [capture, name].filter((each) => each !== undefined);
}

function namesIn(places: readonly SeenAt[]) {
  return {
    captures: distinct(places.map(({ capture }) => capture)),
    interfaces: distinct(places.map(({ interface: name }) => name)),
  };
}

function distinct(names: readonly (string | undefined)[]): string[] {
  return [...new Set(names)].filter((name) => name !== undefined);
}

function listed(names: readonly string[], what: string): string {
  return names.length > MOST_NAMES ? quantity(names.length, what) : names.join(', ');
}
