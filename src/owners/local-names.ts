/** The names that this machine has for cgroups and sockets. */

import type { Process } from '../attribution/socket-process.js';
import { SocketOwners } from '../maps/socket-owners.js';
import type { LocalOwner, Names } from './attributions.js';
import type { CgroupNames } from './cgroup-names.js';
import type { CgroupPaths } from './cgroup-paths.js';
import type { ContainerNames } from './container-names.js';
import { initCgroup } from './init-cgroup.js';
import { Processes } from './processes.js';
import { WalkTime } from './walk-time.js';

export interface LocalNamesParts {
  readonly paths: CgroupPaths;
  /** Undefined where these are not wanted. */
  readonly containers?: ContainerNames | undefined;
  /** The object file with the program that finds processes. */
  readonly object: string;
  /** The processes of these sockets have become known. */
  readonly found: (socketCookies: readonly bigint[]) => void;
  /** Why processes cannot be found. */
  readonly failed: (error: unknown) => void;
  /** What initCgroup() reads; for tests, a file of their own. */
  readonly initFile?: string;
}

export class LocalNames implements Names {
  readonly #paths: CgroupPaths;
  readonly #containers: ContainerNames | undefined;
  readonly #object: string;
  readonly #processes: Processes;
  readonly #failed: (error: unknown) => void;
  readonly #initCgroup: string | undefined;
  /** Of all its walks. */
  readonly walkTime = new WalkTime();
  /** Loaded when a process is first looked for, of many runs never; null where that failed. */
  #sockets: SocketOwners | null | undefined;

  constructor({ paths, containers, object, found, failed, initFile }: LocalNamesParts) {
    this.#initCgroup = initCgroup(initFile);
    this.#paths = paths;
    this.#containers = containers;
    this.#object = object;
    this.#failed = failed;
    const time = this.walkTime;
    this.#processes = new Processes({
      find: (cookies) => this.#find(cookies),
      found,
      failed,
      time,
    });
  }

  cgroup(id: bigint): LocalOwner | undefined {
    const names = this.#namesOf(id);
    if (names && this.#isCommon(names)) return { ...names, isCommonCgroup: true };
    const ofRuntime = names && this.#containers?.of(names);
    return ofRuntime ? { ...names, ...ofRuntime } : names;
  }

  /** Of a cgroup, longer than what is told of it; undefined where it is gone. */
  pathOf(id: bigint): string | undefined {
    return attempted(() => this.#paths.pathOf(id));
  }

  mayKnowMore(cgroup: bigint): boolean {
    const names = this.#namesOf(cgroup);
    if (names === undefined || this.#isCommon(names)) return false;
    return this.#containers?.mayKnowMore(names) === true;
  }

  /** Has it looked for where it is not known. */
  process(socketCookie: bigint): Process | undefined {
    const known = this.#processes.get(socketCookie);
    if (known) return known;
    // Before it is wanted: loading takes longer than a walk, whose duration is that of the next pause.
    if (this.loadSockets()) this.#processes.want(socketCookie);
    return undefined;
  }

  /** Loads what walks over sockets. @returns undefined where that cannot be */
  loadSockets(): Pick<SocketOwners, 'connections'> | undefined {
    if (this.#sockets === undefined) this.#sockets = this.#load();
    return this.#sockets ?? undefined;
  }

  forget(socketCookie: bigint): void {
    this.#processes.forget(socketCookie);
  }

  /** Waits for the walk under way. */
  async close(): Promise<void> {
    await this.#processes.close();
    await this.#sockets?.close();
    this.#paths.close();
  }

  /** Where nobody has put it elsewhere, a process is in that of process 1. */
  #isCommon({ cgroup }: CgroupNames): boolean {
    return cgroup !== undefined && cgroup === this.#initCgroup;
  }

  #namesOf(id: bigint): CgroupNames | undefined {
    return attempted(() => this.#paths.namesOf(id));
  }

  #load(): SocketOwners | null {
    try {
      return new SocketOwners(this.#object);
    } catch (error) {
      this.#failed(error);
      return null;
    }
  }

  async #find(cookies: readonly bigint[]): Promise<ReadonlyMap<bigint, Process>> {
    return this.#sockets?.find(cookies) ?? new Map();
  }
}

/** What fails is counted as a cgroup that has no name: none is worth the run. */
function attempted<Value>(look: () => Value): Value | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
