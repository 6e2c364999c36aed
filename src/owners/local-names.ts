/** The names that this machine has for cgroups and sockets. */
import { SocketOwners } from '../maps/socket-owners.js';
import type { Names } from './attributions.js';
import { partsOf } from './cgroup-parts.js';
import type { CgroupPaths } from './cgroup-paths.js';
import type { Process } from './holder.js';
import { type ProcessCounts, Processes } from './processes.js';

export interface LocalNamesParts {
  readonly paths: CgroupPaths;
  /** The object file with the program that finds processes. */
  readonly object: string;
  /** The processes of these sockets have become known. */
  readonly found: (socketCookies: readonly bigint[]) => void;
  /** Why processes cannot be found. */
  readonly failed: (error: unknown) => void;
}

export class LocalNames implements Names {
  readonly #paths: CgroupPaths;
  readonly #object: string;
  readonly #processes: Processes;
  /** Loaded when a process is first looked for: of many runs none is. */
  #sockets: SocketOwners | undefined;

  constructor({ paths, object, found, failed }: LocalNamesParts) {
    this.#paths = paths;
    this.#object = object;
    this.#processes = new Processes({ find: (cookies) => this.#find(cookies), found, failed });
  }

  get processCounts(): ProcessCounts {
    return this.#processes.counts;
  }

  cgroup(id: bigint) {
    const cgroup = this.#paths.pathOf(id);
    return cgroup === undefined ? undefined : { cgroup, ...partsOf(cgroup) };
  }

  /** Has it looked for where it is not known. */
  process(socketCookie: bigint): Process | undefined {
    const known = this.#processes.get(socketCookie);
    if (!known) this.#processes.want(socketCookie);
    return known;
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

  async #find(cookies: readonly bigint[]): Promise<ReadonlyMap<bigint, Process>> {
    this.#sockets ??= new SocketOwners(this.#object);
    return this.#sockets.find(cookies);
  }
}
