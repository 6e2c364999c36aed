/** Who connects in the lab behind a bridge, and by which ways. */

import { addresses, forwardedPorts, serverPorts } from '../../../lab/behind-bridge/places.js';
import type { BehindBridgeLab } from '../../../lab/behind-bridge.js';
import type { Namespace } from '../../../lab/netns.js';
import { makeCgroupIn, type TestCgroup } from '../kernel/cgroup.js';
import {
  type Accepted,
  type Called,
  type Calls,
  type Home,
  type Manner,
  TellersProgram,
  type TellersServer,
} from './tellers.js';

const VERSIONS = ['ipv4', 'ipv6'] as const;
type Version = (typeof VERSIONS)[number];
const CONTAINERS = ['first', 'second'] as const;
const NESTED = ['inFirst', 'inSecond'] as const;
const ALL = ['host', ...CONTAINERS, ...NESTED] as const;
export type Resident = (typeof ALL)[number];

/** At the same time of each resident. */
interface Way {
  readonly from: readonly Resident[];
  readonly to: keyof Pick<typeof addresses, 'internet' | 'service' | 'innerService'>;
  readonly port: number;
  /** How many of SHARES, of each resident with each IP version. */
  readonly share: number;
  /** From the same ports, one after the other. */
  readonly ports?: { readonly first: number; readonly count: number };
}

const SHARES = 5_000;
/** By what their processes are called. */
const WAYS = {
  hidden: { from: ['host', ...CONTAINERS], to: 'internet', port: serverPorts.hidden, share: 300 },
  service: { from: ALL, to: 'service', port: serverPorts.hidden, share: 100 },
  // From the same address in both, too.
  equal: {
    from: NESTED,
    to: 'internet',
    port: serverPorts.hidden,
    share: 300,
    // None that the kernel gives to others: ip_local_port_range begins at 32768.
    ports: { first: 20_000, count: 20 },
  },
  few: { from: ALL, to: 'internet', port: serverPorts.fewPorts, share: 80 },
  routed: { from: CONTAINERS, to: 'internet', port: serverPorts.routed, share: 50 },
} satisfies Record<string, Way>;

const FORWARDED_SHARE = 80;
/** Servers of the first container: what they listen at is the host's, too. */
const [EARLY, FORKING, LATE, MEETING] = [0, 1, 2, 3].map((at) => forwardedPorts.first + at) as [
  number,
  number,
  number,
  number,
];

/** Both ends are on this machine. */
const WITHIN: Way = {
  from: ['host', 'second', 'inSecond'],
  to: 'innerService',
  port: MEETING,
  share: 80,
};

/** One that came through a port forward. */
export interface Forwarded {
  readonly called: Called;
  /** The process that listens. */
  readonly listener: number;
}

export class Residents {
  readonly homes: Readonly<Record<Resident, { namespace: Namespace; cgroup: TestCgroup }>>;
  readonly #internet: Home;
  readonly #program: TellersProgram;
  readonly #servers = new Map<number, TellersServer>();
  readonly #forwards = new Map<number, TellersServer>();
  readonly #lifetimesUs: number[] = [];
  /** Of connections to each port. */
  readonly #counts = new Map<number, { called: number; told: number }>();

  /** @param program where it is put */
  constructor(lab: BehindBridgeLab, program: string, make: (name: string) => TestCgroup) {
    this.#program = new TellersProgram(program);
    this.#internet = { namespace: lab.internet, cgroup: { command: (argv) => [...argv] } };
    const [first, second] = [make(scopeOf('a')), make(scopeOf('b'))];
    this.homes = {
      host: { namespace: lab.host, cgroup: make('node.service') },
      first: { namespace: lab.containers[0], cgroup: first },
      second: { namespace: lab.containers[1], cgroup: second },
      inFirst: { namespace: lab.nested[0], cgroup: makeCgroupIn(first, 'nested') },
      inSecond: { namespace: lab.nested[1], cgroup: makeCgroupIn(second, 'nested') },
    };
  }

  /** Has the internet's servers listen, and those that others reach through port forwards before pping watches. */
  async serve(): Promise<void> {
    for (const port of Object.values(serverPorts)) {
      this.#servers.set(port, await this.#program.serve(this.#internet, port));
    }
    this.#servers.set(MEETING, await this.#program.serve(this.homes.first, MEETING));
    await this.#listen(EARLY);
    await this.#listen(FORKING, true);
  }

  /**
   * @param total how many connections; of each way by each resident at least one
   * @returns what the servers were told: connections from and to the same ends in the order in which they came
   */
  async open(total: number): Promise<Accepted[]> {
    for (const [name, way] of Object.entries<Way>(WAYS)) {
      for (const version of VERSIONS) {
        const count = countOf(way.share, total);
        await this.#openBy(way, version, { count, name });
      }
    }
    return this.#told();
  }

  /** By all residents, to where they are hidden and to the service, in each manner, named as it. */
  async openInManners(manners: readonly Manner[], count: number): Promise<Accepted[]> {
    const { hidden, service } = WAYS;
    for (const manner of manners) {
      for (const way of [hidden, service]) {
        const from = { ...way, from: ALL };
        for (const version of VERSIONS)
          await this.#openBy(from, version, { count, name: manner, manner });
      }
    }
    return this.#told();
  }

  /** To the service that the first container is, by others of this machine. */
  async meet(total: number): Promise<Accepted[]> {
    const count = countOf(WITHIN.share, total);
    for (const version of VERSIONS) await this.#openBy(WITHIN, version, { count, name: 'within' });
    return this.#told();
  }

  /** Through port forwards. For the third of them the server is started now, if it is not there. */
  async comeIn(total: number, manner: Manner = 'plain'): Promise<Forwarded[]> {
    await this.#listen(LATE);
    const forwarded: Forwarded[] = [];
    for (const version of VERSIONS) {
      const all = [...this.#forwards].map(async ([port, server]) => {
        const to = { address: addresses.host[version], port };
        const count = countOf(FORWARDED_SHARE, total);
        const how = { to, count, name: 'outside', manner };
        const calls = await this.#program.call(this.#internet, how);
        return calls.map((called) => ({ called, listener: server.pid }));
      });
      forwarded.push(...(await Promise.all(all)).flat());
    }
    return forwarded;
  }

  /** Of all processes that have opened connections so far, in us, ascending. */
  get lifetimesUs(): number[] {
    return this.#lifetimesUs.sort((a, b) => a - b);
  }

  async #openBy(way: Way, version: Version, how: Omit<Calls, 'to' | 'ports'>): Promise<void> {
    const calls = { ...how, to: { address: addresses[way.to][version], port: way.port } };
    const all = way.from.map((resident, at) =>
      this.#program.call(this.homes[resident], { ...calls, ports: portsOf(way, at) }),
    );
    const called = (await Promise.all(all)).flat();
    const { called: before = 0, told = 0 } = this.#counts.get(way.port) ?? {};
    this.#counts.set(way.port, { called: before + called.length, told });
    this.#lifetimesUs.push(...called.map(({ lifetimeUs }) => lifetimeUs));
  }

  /** What the servers were told since they were last asked. */
  async #told(): Promise<Accepted[]> {
    const all = [...this.#counts].map(async ([port, { called, told }]) => {
      const accepted = await this.#servers.get(port)?.accepted(called);
      this.#counts.set(port, { called, told: called });
      return accepted?.slice(told) ?? [];
    });
    return (await Promise.all(all)).flat();
  }

  async #listen(port: number, forking = false): Promise<void> {
    if (this.#forwards.has(port)) return;
    this.#forwards.set(port, await this.#program.serve(this.homes.first, port, forking));
  }
}

/**
 * Each resident begins with another one: what two connect at the very moment from the same ends may have the same
 * sequence number, and is then nobody's (twins.c).
 */
function portsOf({ ports, from }: Way, at: number): Calls['ports'] {
  return ports && { ...ports, offset: Math.floor((at * ports.count) / from.length) };
}

function countOf(share: number, total: number): number {
  return Math.max(1, Math.round((share * total) / SHARES));
}

/** The unit of a container, whose id is that digit again and again. */
function scopeOf(digit: string): string {
  return `docker-${digit.repeat(64)}.scope`;
}
