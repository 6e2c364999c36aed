/** What is said of the sides of a capture that does not say them. */
import { ADDRESS_BITS, MAPPED_BITS, maskByte, type Prefix } from '../sampling/prefix.js';
import type { LocalSide } from '../summary/local-side.js';
import { addressText } from '../text/address.js';
import { count } from '../text/units.js';

/** @param isStream whether some of it is read from standard input */
export function bothSidesText(isStream: boolean): string {
  const why = isStream ? ' (standard input can be read only once)' : '';
  return `sides unknown${why}, so both are combined; separate them with --local <address or network>`;
}

/** Of those RTTs that --local says nothing of. @param unknown so many samples, of `samples` */
export function unknownSideText(unknown: number, samples: number): string {
  const have = samples === 1 ? 'has' : 'have';
  return `${unknown} of ${count(samples, 'sample')} ${have} no side: --local matches neither or both of their ends`;
}

/** @param isAnonymized whether no address is to be told */
export function localSideText({ prefixes, because }: LocalSide, isAnonymized = false): string {
  const names = prefixes.map(isAnonymized ? kindText : prefixText).join(' and ');
  const are = prefixes.length > 1 ? 'are' : 'is';
  return `assuming ${names} ${are} the local side (${reasonText(because, prefixes.length)}); override with --local`;
}

function reasonText(because: LocalSide['because'], prefixes: number): string {
  if (because === 'in all flows') return because;
  return prefixes > 1 ? 'they open all connections' : 'it opens all connections';
}

function kindText({ bits, ipVersion }: Prefix): string {
  return `an IPv${ipVersion} ${bits === ADDRESS_BITS ? 'host' : 'network'}`;
}

/** `192.0.2.1`, `2001:db8::/32`. */
function prefixText({ address, bits, ipVersion }: Prefix): string {
  const masked = address.map((byte, at) => byte & maskByte(bits, at));
  const length = ipVersion === 4 ? bits - MAPPED_BITS : bits;
  return `${addressText(masked, ipVersion)}${bits === ADDRESS_BITS ? '' : `/${length}`}`;
}
