/** Has TCP sockets noted as they open, in all network namespaces: so connections of containers are found. */
import { NOTE_SOCKETS } from '../core/programs.js';
import { messageOf } from '../faults.js';
import { attachToSockets, detachFromSockets } from '../libbpf/cgroup-link.js';
import { KernelError } from '../libbpf/errors.js';
import type { LoadedObject } from '../libbpf/object.js';
import { NOTED_SOCKETS_MAP, tellNotedSockets } from '../maps/opened-sockets.js';

/** What of cgroup2 is mounted. */
export interface CgroupRoot {
  readonly directory: string;
  /** Whether that is all there is on this machine. */
  readonly isWhole: boolean;
}

export class OpenedSockets {
  readonly #link: number | undefined;
  /** What notes them. */
  readonly program: number;
  /** Whether it is all sockets of this machine that are noted. */
  readonly areAll: boolean;
  /** Why they are not noted; undefined where they are. */
  readonly failure: string | undefined;

  /** Those in a directory of cgroup2, and below. */
  constructor(object: LoadedObject, { directory, isWhole }: CgroupRoot) {
    this.program = object.program(NOTE_SOCKETS);
    let areNoted = false;
    try {
      this.#link = attachToSockets(this.program, directory);
      tellNotedSockets(object.map(NOTED_SOCKETS_MAP).fd, isWhole ? 'all' : 'some');
      areNoted = true;
    } catch (error) {
      this.failure = reasonOf(error, directory);
    }
    this.areAll = areNoted && isWhole;
  }

  /** Whether they are. */
  get areNoted(): boolean {
    return this.failure === undefined;
  }

  /** Once. */
  close(): void {
    if (this.#link !== undefined) detachFromSockets(this.#link);
  }
}

function reasonOf(error: unknown, directory: string): string {
  if (error instanceof KernelError && error.name === 'EPERM') {
    return `a sock_ops program at ${directory} tolerates no other beside it (EPERM)`;
  }
  return messageOf(error);
}
