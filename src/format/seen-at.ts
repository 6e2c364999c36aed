/** Where something was seen, among several places. */
import { interfaceText, type SeenAt } from '../events/places.js';
import { asciiJson, asciiText } from '../text/ascii.js';

/** For people. @returns `elsewhere` where that has no name */
export function seenAtText(seenAt: SeenAt | undefined): string {
  if (!seenAt) return 'elsewhere';
  return asciiText([seenAt.capture, interfaceText(seenAt)].filter(Boolean).join(' '));
}

/** Fields of JSON, each with the comma behind it. */
export function seenAtFields(seenAt: SeenAt | undefined): string {
  return field('capture', seenAt?.capture) + interfaceFields(seenAt);
}

/** Likewise, of the interface and its network namespace. */
export function interfaceFields(place: Omit<SeenAt, 'capture'> | undefined): string {
  return field('netns', place?.netns) + field('interface', place?.interface);
}

function field(name: string, value: string | undefined): string {
  return value === undefined ? '' : `"${name}":${asciiJson(value)},`;
}
