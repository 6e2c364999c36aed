/** Has it noted who makes sockets of QUIC, pings and DNS, with the sockets, in all network namespaces. */
import { NOTE_MAKERS } from '../core/programs.js';
import { messageOf } from '../faults.js';
import { attachToNewSockets, detachFromSockets } from '../libbpf/cgroup-link.js';
import type { LoadedObject } from '../libbpf/object.js';

export class SocketMakers {
  /** Why none is; undefined where they are. */
  readonly reason: string | undefined;
  /** What notes them; undefined where nothing does. */
  readonly program: number | undefined;
  readonly #link: number | undefined;

  /** @param directory the root of cgroup2; undefined where that is not mounted */
  constructor(object: LoadedObject, directory: string | undefined) {
    if (directory === undefined) {
      this.reason = 'cgroup2 is not mounted';
      return;
    }
    try {
      const program = object.program(NOTE_MAKERS);
      this.#link = attachToNewSockets(program, directory);
      this.program = program;
    } catch (error) {
      this.reason = messageOf(error);
    }
  }

  /** Once. */
  close(): void {
    if (this.#link !== undefined) detachFromSockets(this.#link);
  }
}
