/** Has TCP sockets noted as they open, in all network namespaces: so connections of containers are found. */
import { NOTE_SOCKETS } from '../core/programs.js';
import { messageOf } from '../faults.js';
import { attachToSockets, detachFromSockets } from '../libbpf/cgroup-link.js';
import { KernelError } from '../libbpf/errors.js';
import type { LoadedObject } from '../libbpf/object.js';
import { SOCKETS_NOTED_MAP, tellThatSocketsAreNoted } from '../maps/opened-sockets.js';

export class OpenedSockets {
  readonly #link: number | undefined;
  /** What notes them. */
  readonly program: number;
  /** Why they are not noted; undefined where they are. */
  readonly failure: string | undefined;

  /** @param directory of cgroup2: those in there and below */
  constructor(object: LoadedObject, directory: string) {
    this.program = object.program(NOTE_SOCKETS);
    try {
      this.#link = attachToSockets(this.program, directory);
      tellThatSocketsAreNoted(object.map(SOCKETS_NOTED_MAP).fd);
    } catch (error) {
      this.failure = reasonOf(error, directory);
    }
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
