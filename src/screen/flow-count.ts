/** How many flows a row has had: each once, also where there are RTTs to both of its ends. */
import { addTo } from './bounded.js';

/** The end of some is lost, so there may be more than are open. One that is forgotten may count again. */
const MOST_OPEN = 131_072;

export class FlowCount {
  readonly #open = new Set<number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** It has had an RTT; may be told more than once. */
  meet(flowId: number): void {
    if (addTo(this.#open, flowId, MOST_OPEN)) this.#total++;
  }

  /** Little more will come of it. */
  close(flowId: number): void {
    this.#open.delete(flowId);
  }
}
