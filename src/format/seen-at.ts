/** Where something was seen, among several places. */
import type { SeenAt } from '../events/places.js';
import { asciiJson, asciiText } from '../text/ascii.js';

/** For people. @returns `elsewhere` where that has no name */
export function seenAtText(seenAt: SeenAt | undefined): string {
  if (!seenAt) return 'elsewhere';
  return asciiText([seenAt.capture, seenAt.interface].filter(Boolean).join(' '));
}

/** Fields of JSON, each with the comma behind it. */
export function seenAtFields(seenAt: SeenAt | undefined): string {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? '' : `"${name}":${asciiJson(value)},`;
  return field('capture', seenAt?.capture) + field('interface', seenAt?.interface);
}
