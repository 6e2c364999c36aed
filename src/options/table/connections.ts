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
    help: 'measure these protocols: tcp, icmp (the echo of ICMP and ICMPv6), quic, dns, or all',
    parse: parseProtocol,
    defaultText: 'tcp',
    completion: PROTOCOL_CHOICES,
    isRepeatable: true,
    isList: true,
    sets: 'filter.protocols',
  },
  {
    flags: '--quic-port <port,...>',
    help: 'UDP ports that QUIC is at, besides 443',
    parse: parsePort,
    isRepeatable: true,
    isList: true,
    sets: 'filter.udpPorts.quic',
  },
  {
    flags: '--dns-port <port,...>',
    help: 'UDP ports that DNS is at, besides 53',
    parse: parsePort,
    isRepeatable: true,
    isList: true,
    sets: 'filter.udpPorts.dns',
  },
  {
    flags: '--dns-names',
    help: 'tell what is asked for, too: the name and the type of the question of each response of DNS',
    sets: 'filter.dnsNames',
    conflicts: [
      {
        with: 'anonymize',
        message: '--anonymize leaves names of DNS as they are: not with --dns-names',
      },
    ],
  },
  {
    flags: '--host <address,...>',
    help: 'measure connections with one of these addresses at either end; with --resolve also names',
    parse: parseHost,
    isRepeatable: true,
    isList: true,
    sets: 'filter.include.prefixes',
  },
  {
    flags: '--exclude-host <address,...>',
    help: 'leave out connections with one of these addresses at either end; with --resolve also names',
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
    help: 'leave out connections with an address in one of these networks at either end',
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
    help: 'leave out connections with one of these ports at either end, such as ssh,8000-8999',
    parse: parsePorts,
    isRepeatable: true,
    isList: true,
    sets: 'filter.exclude.portRanges',
  },
  {
    flags: '--cgroup <path>',
    help: 'measure connections of processes in this cgroup or below it, as /system.slice/nginx.service',
    parse: parseName,
    isRepeatable: true,
    only: 'live',
    sets: 'wantedOwners.cgroups',
  },
  {
    flags: '--container <name>',
    help: 'measure connections of the container with this name, or this id, of which the beginning is enough; in a Kubernetes pod namespace/pod/name tells it from others',
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
