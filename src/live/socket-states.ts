/**
 * Has TCP sockets noted once they have opened, by the states that they go through: where no program can be at the root
 * of the cgroups. Its program is loaded only then.
 */
import { NOTE_STATES } from '../core/programs.js';
import { libc } from '../libbpf/ffi.js';
import { BpfObject, type LoadedObject } from '../libbpf/object.js';
import { attachToTracepoint, detachFromTracepoint } from '../libbpf/tracepoint.js';
import { CONNECTING_MAP, LISTENERS_MAP, mostSockets, OPENED_MAP } from '../maps/opened-sockets.js';
import { FIXED_MAP, OWNER_FILTER_MAP } from '../maps/settings.js';
import { OWNERS_OBJECT } from './requirements.js';

/** What it has in common with the programs that see packets. */
export const SHARED_MAPS: readonly string[] = [
  ...[OPENED_MAP, LISTENERS_MAP, FIXED_MAP, OWNER_FILTER_MAP],
];

export class SocketStates {
  readonly #link: number;
  readonly program: number;

  /** Throws a KernelError where the kernel does not take it. */
  constructor(loaded: LoadedObject) {
    this.program = loadedBeside(loaded);
    try {
      this.#link = attachToTracepoint(this.program);
    } catch (error) {
      libc.close(this.program);
      throw error;
    }
  }

  /** Once. */
  close(): void {
    detachFromTracepoint(this.#link);
    libc.close(this.program);
  }
}

function loadedBeside(loaded: LoadedObject): number {
  const object = new BpfObject(OWNERS_OBJECT);
  try {
    for (const name of object.maps) {
      const map = object.map(name);
      if (SHARED_MAPS.includes(name)) map.reuse(loaded.map(name).fd);
      else if (name === CONNECTING_MAP) map.maxEntries = mostSockets();
      else map.leaveOut();
    }
    object.load([NOTE_STATES]);
    return object.keep(NOTE_STATES);
  } finally {
    object.close();
  }
}
