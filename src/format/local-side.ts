/** What is said of the sides of a capture that does not say them. */
import { ADDRESS_BITS, MAPPED_BITS, maskByte, type Prefix } from '../sampling/prefix.js';
import type { LocalSide } from '../summary/local-side.js';
import { addressText } from '../text/address.js';
import { count } from '../text/units.js';

/** @param isStream whether some of it is read from standard input */
export function bothSidesText(isStream: boolean): string {
  const why = isStream ? ', since standard input is not looked at first' : '';
  return `both sides are in one figure${why}: --local <address or network> tells them apart`;
}

/** Of those RTTs that --local says nothing of. @param unknown so many samples, of `samples` */
export function unknownSideText(unknown: number, samples: number): string {
  const have = samples === 1 ? 'has' : 'have';
  return `${unknown} of ${count(samples, 'sample')} ${have} no side: --local covers neither end of them, or both`;
}

/** @param isAnonymized whether no address is to be told */
export function localSideText({ prefixes, because }: LocalSide, isAnonymized = false): string {
  const names = prefixes.map(isAnonymized ? kindText : prefixText).join(' and ');
  const why = prefixes.length > 1 ? because.replace('opens', 'open') : because;
  return `taken as this side: ${names} (${why}); --local to say otherwise`;
}

function kindText({ bits, ipVersion }: Prefix): string {
  return `${bits === ADDRESS_BITS ? 'a host' : 'a network'} of IPv${ipVersion}`;
}

/** `192.0.2.1`, `2001:db8::/32`. */
function prefixText({ address, bits, ipVersion }: Prefix): string {
  const masked = address.map((byte, at) => byte & maskByte(bits, at));
  const length = ipVersion === 4 ? bits - MAPPED_BITS : bits;
  return `${addressText(masked, ipVersion)}${bits === ADDRESS_BITS ? '' : `/${length}`}`;
}
