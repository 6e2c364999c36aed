/** Of a table of aggregates: which of them there is room for, and what they are called. */
import { labelWithUser } from '../attribution/label.js';
import type {
  AggregatedNetwork,
  AggregatedOwner,
  AggregatedWho,
} from '../summary/aggregated-who.js';
import { addressText } from '../text/address.js';
import { asciiText } from '../text/ascii.js';
import { type HostNames, hostText } from '../text/host.js';
import { seenAtText } from './seen-at.js';

/** The worst; and always those for which there was no room in the kernel. */
export function shownOf<Part extends AggregatedWho>(
  parts: readonly Part[],
  room: number,
): readonly Part[] {
  const worst = parts.slice(0, room);
  const others = parts.find(({ isOthers }) => isOthers);
  return others && !worst.includes(others) ? [...worst.slice(0, -1), others] : worst;
}

/** Of the row of all of a side. @param size how many parts it has */
export function allText(size: number, room: number): string {
  if (size === 0) return '';
  return size > room ? `all (${room} of ${size})` : 'all';
}

/** Where nothing tells it from all, it would be the same twice. */
export function isOfNone([first, second]: readonly AggregatedWho[]): boolean {
  return first !== undefined && second === undefined && partText(first) === '';
}

/** @param names undefined where hosts are shown by their addresses */
export function partText(
  { network, owner, seenAt, isOthers }: AggregatedWho,
  names?: HostNames,
): string {
  if (isOthers) return 'others';
  if (owner) return ownerText(owner);
  const where = seenAt ? seenAtText(seenAt) : '';
  if (!network) return where;
  return `${networkText(network, names)}${where && `  ${where}`}`;
}

/** Printable. */
export function ownerText({ attribution }: AggregatedOwner): string {
  return asciiText(labelWithUser(attribution));
}

/** A host as a host. */
export function networkText(
  { address, ipVersion, bits }: AggregatedNetwork,
  names?: HostNames,
): string {
  if (bits === (ipVersion === 4 ? 32 : 128)) return hostText(address, ipVersion, names);
  return `${addressText(address, ipVersion)}/${bits}`;
}
