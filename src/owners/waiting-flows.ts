/** Flows of which more may be known later, by what they wait for: a cgroup's names, a socket's process. */

export class WaitingFlows {
  readonly #byKey = new Map<bigint, Set<number>>();
  #size = 0;

  /** Flows that wait, each once for each key. */
  get size(): number {
    return this.#size;
  }

  /** One entry each, also while flows are added. */
  get keys(): readonly bigint[] {
    return [...this.#byKey.keys()];
  }

  /** Also while some of them leave. */
  flowsOf(key: bigint): readonly number[] {
    return [...(this.#byKey.get(key) ?? [])];
  }

  add(key: bigint, flowId: number): void {
    const flows = this.#byKey.get(key) ?? new Set<number>();
    if (flows.has(flowId)) return;
    this.#byKey.set(key, flows.add(flowId));
    this.#size++;
  }

  /** @returns whether it was the last that waited for this */
  delete(key: bigint, flowId: number): boolean {
    const flows = this.#byKey.get(key);
    if (!flows?.delete(flowId)) return false;
    this.#size--;
    return flows.size === 0 && this.#byKey.delete(key);
  }

  /** @returns those that wait for this, and wait no more */
  take(key: bigint): Iterable<number> {
    const flows = this.#byKey.get(key) ?? new Set<number>();
    this.#byKey.delete(key);
    this.#size -= flows.size;
    return flows;
  }
}
