/** The names that this machine has for cgroups and sockets. */

import type { Process } from '../attribution/socket-process.js';
import { SocketOwners } from '../maps/socket-owners.js';
import type { Names } from './attributions.js';
import type { CgroupNames } from './cgroup-names.js';
import type { CgroupPaths } from './cgroup-paths.js';
import { initCgroup } from './init-cgroup.js';
import { Processes } from './processes.js';

export interface LocalNamesParts {
  readonly paths: CgroupPaths;
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
  readonly #object: string;
  readonly #processes: Processes;
  readonly #failed: (error: unknown) => void;
  readonly #initCgroup: string | undefined;
  /** Loaded when a process is first looked for, of many runs never; null where that failed. */
  #sockets: SocketOwners | null | undefined;

  constructor({ paths, object, found, failed, initFile }: LocalNamesParts) {
    this.#initCgroup = initCgroup(initFile);
    this.#paths = paths;
    this.#object = object;
    this.#failed = failed;
    this.#processes = new Processes({ find: (cookies) => this.#find(cookies), found, failed });
  }

  cgroup(id: bigint): CgroupNames | undefined {
    try {
      const names = this.#paths.namesOf(id);
      const isCommonCgroup = names?.cgroup !== undefined && names.cgroup === this.#initCgroup;
      return isCommonCgroup ? { ...names, isCommonCgroup } : names;
    } catch {
      return undefined; // counted as one that has no name: none is worth the run
    }
  }

  /** Has it looked for where it is not known. */
  process(socketCookie: bigint): Process | undefined {
    const known = this.#processes.get(socketCookie);
    if (known) return known;
    // Before it is wanted: loading takes longer than a walk, whose duration is that of the next pause.
    if (this.#sockets === undefined) this.#sockets = this.#load();
    if (this.#sockets) this.#processes.want(socketCookie);
    return undefined;
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
