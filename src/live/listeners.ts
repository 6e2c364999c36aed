/** Who listens: noted as they begin to, and of those that do already by one walk over all open files. */
import { NOTE_LISTENERS } from '../core/programs.js';
import { messageOf } from '../faults.js';
import { Iterator } from '../libbpf/iterator.js';
import type { LoadedObject } from '../libbpf/object.js';

/**
 * Has the programs know who listens already. Once they note those that begin to, so that none is missed; on another
 * thread.
 * @returns why that is not known; undefined where it is
 */
export async function noteListeners(object: LoadedObject): Promise<string | undefined> {
  try {
    const walk = new Iterator(object.program(NOTE_LISTENERS));
    try {
      // The program keeps what it finds, and tells nothing.
      await walk.run(Buffer.alloc(1), () => {});
    } finally {
      walk.close();
    }
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
