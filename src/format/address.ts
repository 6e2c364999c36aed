/** Addresses as addressText() has them, for the lines of which there are millions. */

/** Each with the dot behind it, as it is written little-endian. */
const OCTETS = Uint32Array.from({ length: 256 }, (_, octet) =>
  Buffer.from(`${octet}.`.padEnd(4)).readUInt32LE(),
);
/** Their two hexadecimal digits, likewise. */
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) =>
  Buffer.from(byte.toString(16).padStart(2, '0')).readUInt16LE(),
);
const GROUPS = 8;
const COLON = 0x3a;
/** The first of IPv4, which is mapped. */
const MAPPED = 12;

/** @param address 16 bytes. @returns the position after it */
export function putAddress(
  view: DataView,
  at: number,
  address: Uint8Array,
  ipVersion: 4 | 6,
): number {
  return ipVersion === 4 ? putIpv4(view, at, address) : putIpv6(view, at, address);
}

function putIpv4(view: DataView, start: number, address: Uint8Array): number {
  let at = start;
  for (let i = MAPPED; i < address.length; i++) {
    const octet = address[i] as number;
    view.setUint32(at, OCTETS[octet] as number, true);
    at += octet < 10 ? 2 : octet < 100 ? 3 : 4;
  }
  return at - 1;
}

/** RFC 5952: the first of the longest runs of zero groups is left out, unless it is a single one. */
function putIpv6(view: DataView, start: number, address: Uint8Array): number {
  let [runStart, runLength] = [GROUPS, 1];
  for (let group = 0, length = 0; group < GROUPS; group++) {
    length = groupOf(address, group) === 0 ? length + 1 : 0;
    if (length > runLength) [runStart, runLength] = [group + 1 - length, length];
  }
  let at = putGroups(view, start, address, 0, runStart);
  if (runStart === GROUPS) return at - 1;
  if (runStart === 0) view.setUint8(at++, COLON);
  view.setUint8(at++, COLON);
  const end = runStart + runLength;
  return end === GROUPS ? at : putGroups(view, at, address, end, GROUPS) - 1;
}

/** Each with a colon behind it. */
function putGroups(
  view: DataView,
  start: number,
  address: Uint8Array,
  from: number,
  to: number,
): number {
  let at = start;
  for (let group = from; group < to; group++) {
    const value = groupOf(address, group);
    const digits = value < 0x10 ? 1 : value < 0x100 ? 2 : value < 0x1000 ? 3 : 4;
    const pairs = (HEX_PAIRS[value >> 8] as number) | ((HEX_PAIRS[value & 0xff] as number) << 16);
    view.setUint32(at, pairs >>> (8 * (4 - digits)), true);
    at += digits;
    view.setUint8(at++, COLON);
  }
  return at;
}

function groupOf(address: Uint8Array, group: number): number {
  return ((address[2 * group] as number) << 8) | (address[2 * group + 1] as number);
}
