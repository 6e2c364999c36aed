/** Counts flows once each, and once in each side that has RTTs. */
import { FlowTable } from './flow-table.js';
import type { FlowRecord, RttRecord } from './records.js';

/** Bits beside those of the sides. */
const OPENED = 8;
const ANY_RTT = 7;

export class Flows {
  /** What was seen of each flow of the run, by interface. A flow's id is its own within a run only. */
  readonly #runs = new Map<string | undefined, FlowTable>();

  /** A file that is appended to has several runs; after a crash there is no summary between them. */
  opening({ interface: name, flowId }: FlowRecord): void {
    const seen = this.#run(name).get(flowId);
    if (seen & OPENED) this.#runs.delete(name);
    this.#run(name).set(flowId, seen & OPENED ? OPENED : seen | OPENED);
  }

  /** @param name undefined: of a run that is not of one interface */
  endRun(name: string | undefined): void {
    if (name === undefined) this.#runs.clear();
    else this.#runs.delete(name);
  }

  /** @returns whether it is the flow's first RTT, and its first in that side */
  rtt({ interface: name, flowId, side }: RttRecord): { isNew: boolean; isNewThere: boolean } {
    const run = this.#run(name);
    const seen = run.get(flowId);
    const bit = 1 << side;
    if (seen & bit) return KNOWN;
    run.set(flowId, seen | bit);
    return { isNew: (seen & ANY_RTT) === 0, isNewThere: true };
  }

  #run(name: string | undefined): FlowTable {
    const known = this.#runs.get(name);
    if (known) return known;
    const run = new FlowTable();
    this.#runs.set(name, run);
    return run;
  }
}

const KNOWN = { isNew: false, isNewThere: false };
