/** Whether it can be told whose connections are. Nothing of it is needed to run. */
import { messageOf } from '../faults.js';
import type { LoadedObject } from '../libbpf/object.js';
import { missingConntrackLookup } from '../live/conntrack.js';
import { type CgroupRoot, OpenedSockets } from '../live/opened-sockets.js';
import { type AttributionWanted, ETHERNET, loadPrograms } from '../live/programs.js';
import { missingTypes, SOCKET_OWNERS_OBJECT } from '../live/requirements.js';
import { SocketMakers } from '../live/socket-makers.js';
import { SocketOwners } from '../maps/socket-owners.js';
import { findCgroupMount, isWhole, PART_OF_CGROUPS } from '../owners/cgroup-mount.js';
import { NO_FILTER } from '../sampling/filter.js';
import { EVERYONE } from '../sampling/owner-filter.js';
import { DEFAULT_CAPACITY } from '../sampling/policy.js';
import { type Finding, NO_PROC } from './finding.js';
import { thisMachine } from './machine.js';

export async function tryOwners(): Promise<Finding[]> {
  return [...(await tryPrograms()), await tryProcesses(), cgroups(), conntrack()];
}

async function tryPrograms(): Promise<Finding[]> {
  const attribution: AttributionWanted = { owners: true, originals: 'none', filter: EVERYONE };
  try {
    const capacity = DEFAULT_CAPACITY;
    const programs = await loadPrograms(ETHERNET, { capacity, filter: NO_FILTER, attribution });
    const found = '--who: BPF programs load';
    try {
      return [{ what: 'owners', status: 'ok', found }, trySockets(programs), tryMakers(programs)];
    } finally {
      programs.close();
    }
  } catch (error) {
    return [{ what: 'owners', status: 'warning', found: `--who does not work: ${reason(error)}` }];
  }
}

/** Attached for a moment. */
function trySockets(programs: LoadedObject): Finding {
  const what = 'containers';
  const sockets = new OpenedSockets(programs, cgroupRoot());
  sockets.close();
  const { noted, reason } = sockets;
  if (noted === 'all') {
    return { what, status: 'ok', found: 'owners resolved on host interfaces, too' };
  }
  const found =
    noted === 'late'
      ? 'owners resolved only once a connection is open'
      : 'owners resolved only from inside the container';
  return { what, status: 'warning', found: `${found}: ${reason}` };
}

/** Likewise. */
function tryMakers(programs: LoadedObject): Finding {
  const what = 'QUIC, pings, DNS';
  const { directory, lacking } = cgroupRoot();
  const makers = new SocketMakers(programs, directory);
  makers.close();
  const why = makers.reason?.split('\n')[0] ?? lacking;
  if (why === undefined) {
    return { what, status: 'ok', found: 'owners available' };
  }
  const whose = makers.reason === undefined ? 'processes of other containers' : 'processes';
  const found = `owners: ${whose} only if they keep their sockets open for a while: ${why}`;
  return { what, status: 'warning', found };
}

function cgroupRoot(): CgroupRoot {
  const mount = findCgroupMount();
  if (!mount) return { directory: undefined, lacking: 'cgroup2 is not mounted' };
  return { directory: mount.point, lacking: isWhole(mount) ? undefined : PART_OF_CGROUPS };
}

async function tryProcesses(): Promise<Finding> {
  const what = 'processes';
  try {
    const sockets = new SocketOwners(SOCKET_OWNERS_OBJECT);
    await sockets.close();
    return { what, status: 'ok', found: 'process lookup works' };
  } catch (error) {
    return { what, status: 'warning', found: `only of outgoing connections: ${reason(error)}` };
  }
}

function cgroups(): Finding {
  const mount = findCgroupMount();
  if (mount) return { what: 'cgroups', status: 'ok', found: mount.point };
  if (thisMachine.read('/proc/self/mountinfo') === undefined) {
    return { what: 'cgroups', status: 'warning', ...NO_PROC };
  }
  return {
    ...{
      what: 'cgroups',
      status: 'warning',
      found: 'no names of units and containers: cgroup2 is not mounted',
    },
    fix: 'mount -t cgroup2 none /sys/fs/cgroup/unified',
  };
}

function conntrack(): Finding {
  const missing = missingConntrackLookup();
  if (missing === undefined)
    return { what: 'NAT', status: 'ok', found: '--nat: conntrack lookup works' };
  return { what: 'NAT', status: 'warning', found: `--nat works only with --who: ${missing}` };
}

/** Without the verifier's words. What libbpf says where it finds no types is no help. */
function reason(error: unknown): string {
  return missingTypes() ?? messageOf(error).split('\n')[0] ?? '';
}
