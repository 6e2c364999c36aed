/** How many values a repeatable option may have: what the maps of the kernel have room for. */
import { LIMIT } from '../core/layouts.js';
import { UsageError } from '../faults.js';
import type { Filter, Selection } from '../sampling/filter.js';
import type { Prefix } from '../sampling/prefix.js';
import { allUdpPorts, type UdpPorts } from '../sampling/protocols.js';

/** Throws a UsageError where there are more; also where a UDP port has two protocols. */
export function refuseTooMany(
  { include, exclude, udpPorts }: Filter,
  local: readonly Prefix[] = [],
): void {
  refuseInSelection(include);
  refuseInSelection(exclude);
  refuseUdpPorts(allUdpPorts(udpPorts));
  if (local.length > LIMIT.prefixes)
    throw new UsageError(`--local: at most ${LIMIT.prefixes} addresses and networks`);
}

function refuseUdpPorts(all: UdpPorts): void {
  for (const [name, ports] of Object.entries(all)) {
    if (ports.length <= LIMIT.udpPorts) continue;
    throw new UsageError(`--${name}-port: at most ${LIMIT.udpPorts - 1} ports besides ${ports[0]}`);
  }
  const both = all.quic.find((port) => all.dns.includes(port));
  if (both !== undefined)
    throw new UsageError(`UDP port ${both} cannot be both --quic-port and --dns-port`);
}

function refuseInSelection({ prefixes, portRanges }: Selection): void {
  if (prefixes.length > LIMIT.prefixes) {
    throw new UsageError(`at most ${LIMIT.prefixes} hosts and networks`);
  }
  if (portRanges.length > LIMIT.portRanges) {
    throw new UsageError(`at most ${LIMIT.portRanges} ports and ranges`);
  }
}
