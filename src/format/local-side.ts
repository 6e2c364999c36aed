/** What is said of the sides of a capture that does not say them. */
import { ADDRESS_BITS, MAPPED_BITS, maskByte, type Prefix } from '../sampling/prefix.js';
import type { LocalSide } from '../summary/local-side.js';
import { addressText } from '../text/address.js';

export const BOTH_SIDES_TEXT =
  'both sides are in one figure: --local <address or network> tells them apart';

export function localSideText({ prefixes, because }: LocalSide): string {
  const names = prefixes.map(prefixText).join(' and ');
  const why = prefixes.length > 1 ? because.replace('opens', 'open') : because;
  return `taken as this side: ${names} (${why}); --local to say otherwise`;
}

/** `192.0.2.1`, `2001:db8::/32`. */
function prefixText({ address, bits, ipVersion }: Prefix): string {
  const masked = address.map((byte, at) => byte & maskByte(bits, at));
  const length = ipVersion === 4 ? bits - MAPPED_BITS : bits;
  return `${addressText(masked, ipVersion)}${bits === ADDRESS_BITS ? '' : `/${length}`}`;
}
