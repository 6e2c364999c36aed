/** What is known of each flow beyond its packets, from what the kernel tells and what names there are. */

import type { LookupGaps } from '../attribution/gaps.js';
import type { Attribution, Owner } from '../attribution/owner.js';
import type { Process } from '../attribution/socket-process.js';
import type { AttributionEvent, DnsEvent, KernelEvent, OwnerEvent } from '../events/types.js';
import { forgetOldest } from '../forget-oldest.js';
import { BoundedMap } from './bounded-map.js';
import type { CgroupNames } from './cgroup-names.js';
import { OldestFirst } from './oldest-first.js';
import { endsOf, type Original, originalOf } from './original-ends.js';
import type { RuntimeNames } from './runtime-names.js';
import { WaitingFlows } from './waiting-flows.js';

/** What this machine knows of a cgroup. */
export type LocalOwner = CgroupNames & RuntimeNames;

/** Where names come from. */
export interface Names {
  /** Of the cgroup, its path, what that says, and names of its container and pod; undefined where it is gone. */
  cgroup(id: bigint): LocalOwner | undefined;
  /** Whether more of these may be known later. */
  mayKnowMore(cgroup: bigint): boolean;
  /** Of a socket whose process the kernel did not see connect; undefined until found() says so. */
  process(socketCookie: bigint): Process | undefined;
  /** Nothing more will be asked about this socket. */
  forget(socketCookie: bigint): void;
}

export interface AttributionOptions {
  readonly names: Names;
  /** Whether owners are told; else only ends before NAT are. */
  readonly areOwnersTold: boolean;
  /** Bounds the memory: beyond so many flows, the one of which nothing has come for longest is forgotten. */
  readonly most: number;
  /** More is known of the flow than before. */
  readonly onChange: (flowId: number) => void;
}

/** Of which more may come: the last answers, or all that the end sends which has not closed. */
const MOST_CLOSED = 8_192;
/** Of the flows that there is room for: while one part is met, a flow that is of use is made the youngest once. */
const PARTS = 16;
/** Of a connection that has none on this machine. */
const NO_SOCKET = 0n;
/** Nothing is known, not even that there is nobody. */
const SOMEBODY: Owner = {};
/** Without the right to ask for a cgroup by its id, a new one has its name only after a while. */
const MOST_TRIES = 10;

interface Known {
  /** Undefined where there is none on this machine, or none is told. */
  owner: Owner | undefined;
  cgroup: bigint;
  /** Undefined where the process is known, or there is no socket. */
  socketCookie: bigint | undefined;
  original: Original | undefined;
  /** Times that its cgroup had no name. */
  tries: number;
  /** In which part of all flows it was last made the youngest. */
  part: number;
  /** Nothing more is looked for. */
  isClosed: boolean;
  /** Among those that closed without a process. */
  isProcessless: boolean;
}

export class Attributions {
  readonly #names: Names;
  readonly #areOwnersTold: boolean;
  readonly #most: number;
  readonly #onChange: (flowId: number) => void;
  readonly #flows = new OldestFirst<number, Known>();
  readonly #closed = new BoundedMap<number, Known>(MOST_CLOSED);
  /** Those of which nothing was known then: what is told of them later is of closed flows, too. */
  readonly #closedUnknown = new BoundedMap<number, true>(MOST_CLOSED);
  /** Those whose process is looked for, by their socket: at each interface that it crosses a connection is a flow. */
  readonly #processless = new WaitingFlows();
  /** The cgroups that had no name yet, by flow. */
  readonly #nameless = new Map<number, bigint>();
  /** Those whose container may still get a name. */
  readonly #waiting = new WaitingFlows();
  /** Those that have begun to be told of, and nothing has told whose they are; the last of them. */
  readonly #unknown = new Set<number>();
  #unknownBefore = 0;
  #unnamed = 0;
  #processlessBefore = 0;
  #forgotten = 0;
  /** Flows that were told of, until now. */
  #met = 0;
  /** Of these, in parts of what there is room for. */
  #part = 0;

  constructor({ names, areOwnersTold, most, onChange }: AttributionOptions) {
    this.#areOwnersTold = areOwnersTold;
    this.#most = most;
    this.#names = names;
    this.#onChange = onChange;
  }

  /** What is not known, until now. */
  get gaps(): LookupGaps {
    return {
      unknown: this.#unknownBefore + this.#unknown.size,
      unnamed: this.#unnamed + this.#nameless.size,
      processless: this.#processlessBefore + this.#processless.size,
      forgotten: this.#forgotten,
    };
  }

  readonly accept = (event: AttributionEvent): void => {
    const known = this.#known(event.flowId) ?? this.#meet(event.flowId);
    if (event.type === 'owner') this.#setOwner(known, event);
    else known.original = originalOf(event);
    this.#onChange(event.flowId);
  };

  /** The flow is about to be told of: unless something tells later whose it is, that is not known. */
  open(flowId: number): void {
    if (!this.#areOwnersTold || !this.isAwaited(flowId)) return;
    const { size } = this.#unknown;
    forgetOldest(this.#unknown, this.#most);
    this.#unknownBefore += size - this.#unknown.size;
    this.#unknown.add(flowId);
  }

  /**
   * Something has come of the flow: its closing may be lost, but what is of use is not forgotten for what is of none.
   * For each event, so what it takes is next to nothing as long as there is much room.
   */
  touch(flowId: number): void {
    if (2 * this.#flows.size <= this.#most) return;
    const known = this.#flows.get(flowId);
    if (!known || known.part === this.#part) return;
    known.part = this.#part;
    this.#flows.renew(flowId);
  }

  /** Undefined where nothing is known, or nothing yet. */
  readonly of = (event: KernelEvent): Attribution | undefined => {
    if (event.type === 'dns') return this.#ofQuery(event);
    const known = this.#known(event.flowId);
    if (known) return { owner: known.owner, original: endsOf(known.original, event) };
    return this.#areOwnersTold || this.#forgotten > 0 ? undefined : {};
  };

  /** Whether nothing has told yet whose the flow is, or that it is nobody's. */
  isAwaited(flowId: number): boolean {
    const known = this.#known(flowId);
    return !known || known.owner === SOMEBODY;
  }

  /** The flow's process; undefined where it is not known, null as long as it is looked for. */
  pidOf(flowId: number): number | null | undefined {
    const known = this.#known(flowId);
    return known?.owner?.pid ?? (known?.socketCookie === undefined ? undefined : null);
  }

  /** The process that listens, of a flow whose connection was accepted; undefined where it is not known. */
  listenerPidOf(flowId: number): number | undefined {
    return this.#known(flowId)?.owner?.listenerPid;
  }

  /** The processes of these sockets have become known. */
  readonly found = (socketCookies: Iterable<bigint>): void => {
    for (const cookie of socketCookies) {
      for (const flowId of this.#processless.flowsOf(cookie)) {
        const known = this.#known(flowId);
        if (!known) continue;
        known.owner = { ...known.owner, ...this.#names.process(cookie) };
        this.#release(flowId, known);
        this.#onChange(flowId);
      }
    }
  };

  /** Asks again for the names of cgroups that had none, and of containers; from time to time. */
  retry(): void {
    for (const [flowId, cgroup] of [...this.#nameless]) {
      const known = this.#flows.get(flowId);
      if (known && this.#name(known, flowId, cgroup)) this.#onChange(flowId);
    }
    for (const cgroup of this.#waiting.keys) this.#completeAll(cgroup);
  }

  /** The flow is closed, by one end at least. */
  close(flowId: number): void {
    if (this.#unknown.delete(flowId)) this.#unknownBefore++;
    const known = this.#flows.get(flowId);
    if (known) {
      this.#leave(flowId, known);
      this.#closed.set(flowId, known);
    } else if (!this.#closed.get(flowId)) this.#closedUnknown.set(flowId, true);
  }

  /** It is of no flow: all that is known comes with it. */
  #ofQuery({ asker }: DnsEvent): Attribution | undefined {
    if (!this.#areOwnersTold) return {};
    if (!asker) return undefined;
    const { cgroup, ...process } = asker;
    return { owner: { ...this.#names.cgroup(cgroup), ...process } };
  }

  #known(flowId: number): Known | undefined {
    return this.#flows.get(flowId) ?? this.#closed.get(flowId);
  }

  /** Of flows whose container has its name, or will have none. */
  #completeAll(cgroup: bigint): void {
    const named = this.#names.cgroup(cgroup);
    if (this.#names.mayKnowMore(cgroup)) return;
    for (const flowId of this.#waiting.take(cgroup)) {
      const known = this.#flows.get(flowId);
      if (!known || !named) continue;
      known.owner = { ...known.owner, ...named };
      this.#onChange(flowId);
    }
  }

  /** Nothing more is asked about it. */
  #leave(flowId: number, known: Known): void {
    this.#waiting.delete(known.cgroup, flowId);
    known.isClosed = true;
    if (known.socketCookie !== undefined) this.#countProcessless(known);
    this.#release(flowId, known);
    this.#flows.delete(flowId);
    if (!this.#nameless.delete(flowId)) return;
    known.tries = MOST_TRIES;
    this.#unnamed++;
  }

  #countProcessless(known: Known): void {
    if (known.isProcessless) return;
    known.isProcessless = true;
    this.#processlessBefore++;
  }

  #setOwner(known: Known, event: OwnerEvent): void {
    const { cgroup, socketCookie, uid, pid, listenerPid, comm } = event;
    this.#unknown.delete(event.flowId);
    // Another socket may have the ports of one of QUIC now.
    this.#release(event.flowId, known);
    if (cgroup !== known.cgroup) this.#forgetName(known, event.flowId);
    known.cgroup = cgroup;
    if (socketCookie === NO_SOCKET) {
      known.owner = undefined;
      return;
    }
    const process = pid > 0 ? { pid, comm } : this.#names.process(socketCookie);
    const listener = listenerPid > 0 ? { listenerPid, listenerComm: comm } : undefined;
    known.owner = { uid, ...process, ...listener };
    this.#name(known, event.flowId, cgroup);
    if (process) return;
    if (known.isClosed) this.#giveUp(known, socketCookie);
    else {
      known.socketCookie = socketCookie;
      this.#processless.add(socketCookie, event.flowId);
    }
  }

  /** That of another cgroup is looked for as if it were the first. */
  #forgetName(known: Known, flowId: number): void {
    this.#waiting.delete(known.cgroup, flowId);
    this.#nameless.delete(flowId);
    if (known.tries === MOST_TRIES) this.#unnamed--;
    known.tries = 0;
  }

  /** It would wait for good. The connection may still be open at another interface. */
  #giveUp(known: Known, socketCookie: bigint): void {
    this.#countProcessless(known);
    if (this.#processless.flowsOf(socketCookie).length === 0) this.#names.forget(socketCookie);
  }

  /** @returns whether there was one */
  #name(known: Known, flowId: number, cgroup: bigint): boolean {
    const named = this.#names.cgroup(cgroup);
    if (named) {
      known.owner = { ...named, ...known.owner };
      this.#nameless.delete(flowId);
      if (!known.isClosed && this.#names.mayKnowMore(cgroup)) this.#waiting.add(cgroup, flowId);
    } else if (known.tries < MOST_TRIES) {
      known.tries = known.isClosed ? MOST_TRIES : known.tries + 1;
      if (known.tries < MOST_TRIES) this.#nameless.set(flowId, cgroup);
      else {
        this.#nameless.delete(flowId);
        this.#unnamed++;
      }
    }
    return named !== undefined;
  }

  #meet(flowId: number): Known {
    const owner = this.#areOwnersTold ? SOMEBODY : undefined;
    const nothing = { cgroup: 0n, socketCookie: undefined, original: undefined };
    const isClosed = this.#closedUnknown.get(flowId) === true;
    const counted = { tries: 0, part: this.#part, isProcessless: false };
    const known = { owner, ...nothing, ...counted, isClosed };
    if (isClosed) this.#closed.set(flowId, known);
    else this.#add(flowId, known);
    return known;
  }

  #add(flowId: number, known: Known): void {
    if (this.#flows.size >= this.#most) this.#forgetOldest();
    this.#part = Math.floor((++this.#met * PARTS) / this.#most);
    known.part = this.#part;
    this.#flows.add(flowId, known);
  }

  #forgetOldest(): void {
    const { oldest } = this.#flows;
    if (!oldest) return;
    this.#forgotten++;
    this.#leave(...oldest);
  }

  /** Its process is not looked for any more. */
  #release(flowId: number, known: Known): void {
    const { socketCookie } = known;
    if (socketCookie === undefined) return;
    known.socketCookie = undefined;
    if (this.#processless.delete(socketCookie, flowId)) this.#names.forget(socketCookie);
  }
}
