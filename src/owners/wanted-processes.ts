/** Which of the processes that were asked for have ended: the kernel may give their ids to others. */
import { processStart } from '../process-start.js';
import { isProcessThere } from './process-id.js';

export class WantedProcesses {
  readonly #proc: string | undefined;
  /** By id; undefined where /proc hides it. */
  readonly #started: Map<number, string | undefined>;

  /** @param proc where /proc is; for tests, a folder of their own */
  constructor(pids: readonly number[], proc?: string) {
    this.#proc = proc;
    this.#started = new Map(pids.map((pid) => [pid, processStart(pid, proc)]));
  }

  /** The ids of those that have ended since the last time. */
  takeEnded(): number[] {
    const ended = Array.from(this.#started.keys()).filter((pid) => !this.#isThere(pid));
    for (const pid of ended) this.#started.delete(pid);
    return ended;
  }

  #isThere(pid: number): boolean {
    const before = this.#started.get(pid);
    if (before === undefined) return isProcessThere(pid);
    const now = processStart(pid, this.#proc);
    return now === before || (now === undefined && isProcessThere(pid));
  }
}
