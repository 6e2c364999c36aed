/** Which connections are measured. */
import { parseName, parsePid } from '../arguments.js';
import { parseHost } from '../hosts.js';
import { parsePort, parsePorts } from '../ports.js';
import { parseNetwork } from '../prefix.js';
import { PROTOCOL_CHOICES, parseProtocol } from '../protocols.js';
import type { OptionRow } from '../row.js';

export const CONNECTIONS = [
  {
    flags: '--protocol <protocol,...>',
    help: 'measure these protocols: tcp, icmp (ICMP and ICMPv6 echo), quic, dns, or all',
    parse: parseProtocol,
    defaultText: 'tcp',
    completion: PROTOCOL_CHOICES,
    isRepeatable: true,
    isList: true,
    sets: 'filter.protocols',
  },
  {
    flags: '--quic-port <port,...>',
    help: 'UDP ports that carry QUIC, besides 443',
    parse: parsePort,
    isRepeatable: true,
    isList: true,
    sets: 'filter.udpPorts.quic',
  },
  {
    flags: '--dns-port <port,...>',
    help: 'UDP ports that carry DNS, besides 53',
    parse: parsePort,
    isRepeatable: true,
    isList: true,
    sets: 'filter.udpPorts.dns',
  },
  {
    flags: '--dns-names',
    help: 'with --protocol dns, also report the queried name and type',
    sets: 'filter.dnsNames',
    conflicts: [
      {
        with: 'anonymize',
        message: '--dns-names cannot be used with --anonymize, which does not hide DNS names',
      },
    ],
  },
  {
    flags: '--host <address,...>',
    help: 'measure connections with one of these addresses at either end; with --resolve also host names',
    parse: parseHost,
    isRepeatable: true,
    isList: true,
    sets: 'filter.include.prefixes',
  },
  {
    flags: '--exclude-host <address,...>',
    help: 'exclude connections with one of these addresses at either end; with --resolve also host names',
    parse: parseHost,
    isRepeatable: true,
    isList: true,
    sets: 'filter.exclude.prefixes',
  },
  {
    flags: '--net <prefix,...>',
    help: 'measure connections with an address in one of these networks at either end',
    parse: parseNetwork,
    isRepeatable: true,
    isList: true,
    sets: 'filter.include.prefixes',
  },
  {
    flags: '--exclude-net <prefix,...>',
    help: 'exclude connections with an address in one of these networks at either end',
    parse: parseNetwork,
    isRepeatable: true,
    isList: true,
    sets: 'filter.exclude.prefixes',
  },
  {
    flags: '--port <port,...>',
    help: 'measure connections with one of these ports at either end, such as 80,https,8000-8999',
    parse: parsePorts,
    isRepeatable: true,
    isList: true,
    sets: 'filter.include.portRanges',
  },
  {
    flags: '--exclude-port <port,...>',
    help: 'exclude connections with one of these ports at either end, such as ssh,8000-8999',
    parse: parsePorts,
    isRepeatable: true,
    isList: true,
    sets: 'filter.exclude.portRanges',
  },
  {
    flags: '--cgroup <path>',
    help: 'measure connections of processes in this cgroup or below it, such as /system.slice/nginx.service',
    parse: parseName,
    isRepeatable: true,
    only: 'live',
    sets: 'wantedOwners.cgroups',
  },
  {
    flags: '--container <name>',
    help: 'measure connections of the container with this name, or with an id that begins with this; in Kubernetes, namespace/pod/name is unambiguous',
    parse: parseName,
    isRepeatable: true,
    only: 'live',
    sets: 'wantedOwners.containers',
  },
  {
    flags: '--pid <n>',
    help: 'measure connections of the process with this id',
    parse: parsePid,
    isRepeatable: true,
    only: 'live',
    sets: 'wantedOwners.pids',
  },
] as const satisfies readonly OptionRow[];
