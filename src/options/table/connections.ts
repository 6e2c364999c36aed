/** Which connections are measured. */
import { parseName, parsePid } from '../arguments.js';
import { parsePorts } from '../ports.js';
import { parseAddress, parseNetwork } from '../prefix.js';
import type { OptionRow } from '../row.js';

export const CONNECTIONS = [
  {
    flags: '--host <address>',
    help: 'measure connections with this address at either end',
    parse: parseAddress,
    isRepeatable: true,
    sets: 'filter.include.prefixes',
  },
  {
    flags: '--exclude-host <address>',
    help: 'leave out connections with this address at either end',
    parse: parseAddress,
    isRepeatable: true,
    sets: 'filter.exclude.prefixes',
  },
  {
    flags: '--net <prefix>',
    help: 'measure connections with an address in this network at either end',
    parse: parseNetwork,
    isRepeatable: true,
    sets: 'filter.include.prefixes',
  },
  {
    flags: '--exclude-net <prefix>',
    help: 'leave out connections with an address in this network at either end',
    parse: parseNetwork,
    isRepeatable: true,
    sets: 'filter.exclude.prefixes',
  },
  {
    flags: '--port <n[-m]>',
    help: 'measure connections with this port, or one in this range, at either end',
    parse: parsePorts,
    isRepeatable: true,
    sets: 'filter.include.portRanges',
  },
  {
    flags: '--exclude-port <n[-m]>',
    help: 'leave out connections with this port, or one in this range, at either end',
    parse: parsePorts,
    isRepeatable: true,
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
    flags: '--container <id>',
    help: 'measure connections of the container with this id; the beginning of the id is enough',
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
