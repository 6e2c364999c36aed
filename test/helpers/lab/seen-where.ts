/** What there is to be seen of the residents' connections at each interface of the host, whose they are, and whether that is told. */
import { addresses, BRIDGE, PORTS, UPLINK } from '../../../lab/behind-bridge/places.js';
import type { FlowLine, Judgement, Truth } from './attributed.js';
import type { End } from './callers.js';
import type { Forwarded, Resident, Residents } from './residents.js';
import type { Accepted } from './tellers.js';

/** What is to be told of a connection. */
export interface Whose {
  readonly cgroup: string;
  /** Any of these: who has accepted a connection may have handed it on. */
  readonly processes: readonly Process[];
  /** Of an accepted connection: the process that listens. */
  readonly listener?: Process;
}

export interface Process {
  readonly pid: number;
  readonly comm: string;
}

/** The place of the container that a resident is, or is in; the host is in none. */
const CONTAINER_OF: Readonly<Record<Resident, 0 | 1 | undefined>> = {
  host: undefined,
  first: 0,
  second: 1,
  inFirst: 0,
  inSecond: 1,
};

/** Of the host. */
export const INTERFACES = [UPLINK, BRIDGE, ...PORTS] as const;
export type Interface = (typeof INTERFACES)[number];

/** All that have been made. */
export interface Connections {
  /** To the internet, as the servers have accepted them: those between the same ends in their order. */
  readonly opened: readonly Accepted[];
  /** From the internet. */
  readonly forwarded: readonly Forwarded[];
  /** To the first container, by others of this machine, through the inner service. */
  readonly within?: readonly Accepted[];
}

export function truthsAt(
  name: Interface,
  { opened, forwarded, within = [] }: Connections,
  residents: Residents,
): Truth<Whose>[] {
  const all = Object.keys(residents.homes) as Resident[];
  const nameOf = new Map(all.map((each) => [residents.homes[each].cgroup.path, each]));
  return [
    ...opened.flatMap((each) => openedAt(name, each, nameOf.get(each.caller.cgroup))),
    ...forwarded.flatMap((each) => forwardedAt(name, each)),
    ...within.flatMap((each) => withinAt(name, each, nameOf.get(each.caller.cgroup))),
  ];
}

function openedAt(
  name: Interface,
  { peer, own, from, to, caller }: Accepted,
  resident: Resident = 'host',
): Truth<Whose>[] {
  const whose = { cgroup: caller.cgroup, processes: [caller] };
  if (name === UPLINK) return [{ ends: [peer, own], whose }];
  const container = CONTAINER_OF[resident];
  const isThere = container !== undefined && (name === BRIDGE || name === PORTS[container]);
  return isThere ? [{ ends: [outside(from, container), to], whose }] : [];
}

/** All of them are for the first container. */
function forwardedAt(name: Interface, { called, listener: pid }: Forwarded): Truth<Whose>[] {
  if (name === PORTS[1]) return [];
  const { from, to, server } = called;
  const there = name === UPLINK ? to : outside(to, 0);
  const { cgroup, comm } = server;
  const listener = { pid, comm };
  const processes = [server, listener];
  return [{ ends: [from, there], whose: { cgroup, processes, listener } }];
}

/** At the bridge on its way from one container and, as another connection, on its way to the other one. */
function withinAt(
  name: Interface,
  { peer, own, from, to, caller }: Accepted,
  resident: Resident = 'host',
): Truth<Whose>[] {
  const whose = { cgroup: caller.cgroup, processes: [caller] };
  const container = CONTAINER_OF[resident];
  const before: Truth<Whose>[] =
    container === undefined ? [] : [{ ends: [outside(from, container), to], whose }];
  const after: Truth<Whose> = { ends: [peer, own], whose };
  if (name === BRIDGE) return [...before, after];
  if (name === PORTS[0]) return [after];
  return name === PORTS[1] ? before : [];
}

/** What is seen of an end in a container, or of its own: the port is the same. */
function outside({ address, port }: End, container: 0 | 1): End {
  const version = address.includes(':') ? 'ipv6' : 'ipv4';
  return { address: addresses.containers[container][version], port };
}

/**
 * Who has opened a connection is known from its first line on. Who accepts one is asked behind the handshake, of
 * which there may be lines by then, and who listens is told with that; its process may be another one's, or over
 * before it is looked for.
 */
export function judge(
  lines: readonly FlowLine[],
  { cgroup, processes, listener }: Whose,
): Judgement {
  const isTold = (line: FlowLine) => line.cgroup !== undefined || line.pid !== undefined;
  const first = listener === undefined ? 0 : lines.findIndex(isTold);
  const judgements = lines.slice(first).map((line) => {
    if (!isTold(line)) return 'missing';
    const process = processOf(line.pid, line.comm);
    const told = processOf(line.listener_pid, line.listener_comm);
    const isProcess = processes.some((each) => isSame(each, process));
    if (line.cgroup !== cgroup || (process && !isProcess)) return 'wrong';
    if (told && !isSame(listener, told)) return 'wrong';
    return (listener ? told : isProcess) ? 'right' : 'missing';
  });
  return (['wrong', 'missing'] as const).find((each) => judgements.includes(each)) ?? 'right';
}

function processOf(pid: number | undefined, comm = ''): Process | undefined {
  return pid === undefined ? undefined : { pid, comm };
}

function isSame(one: Process | undefined, other: Process | undefined): boolean {
  return one?.pid === other?.pid && one?.comm === other?.comm;
}
