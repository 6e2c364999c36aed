/** Addresses as people write them. */

/** 16 bytes to text: dotted IPv4 (mapped), or IPv6 as RFC 5952 wants it. */
export function addressText(address: Uint8Array, ipVersion: 4 | 6): string {
  return ipVersion === 4 ? ipv4Text(address) : ipv6Text(groupsOf(address));
}

/** Address and port; IPv6 in brackets, since its text has colons of its own. */
export function endpointText(address: Uint8Array, port: number, ipVersion: 4 | 6): string {
  const text = addressText(address, ipVersion);
  return ipVersion === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}

function ipv4Text(address: Uint8Array): string {
  return `${address[12]}.${address[13]}.${address[14]}.${address[15]}`;
}

function groupsOf(address: Uint8Array): number[] {
  const view = new DataView(address.buffer, address.byteOffset, address.length);
  return Array.from({ length: 8 }, (_, group) => view.getUint16(group * 2));
}

function ipv6Text(groups: number[]): string {
  const { start, length } = longestZeroRun(groups);
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (length < 2) return hex(0, 8);
  return `${hex(0, start)}::${hex(start + length, 8)}`;
}

/** The first of the longest runs of zero groups (RFC 5952, 4.2.3). */
function longestZeroRun(groups: number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > longest.length) longest = { start, length: end - start };
  }
  return longest;
}
