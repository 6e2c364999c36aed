/** Flows of which more may be known later, by their cgroup. */

export class WaitingFlows {
  readonly #byCgroup = new Map<bigint, Set<number>>();

  /** One entry each, also while flows are added. */
  get cgroups(): readonly bigint[] {
    return [...this.#byCgroup.keys()];
  }

  add(cgroup: bigint, flowId: number): void {
    const flows = this.#byCgroup.get(cgroup);
    if (flows) flows.add(flowId);
    else this.#byCgroup.set(cgroup, new Set([flowId]));
  }

  delete(cgroup: bigint, flowId: number): void {
    const flows = this.#byCgroup.get(cgroup);
    if (flows?.delete(flowId) && flows.size === 0) this.#byCgroup.delete(cgroup);
  }

  /** @returns those of the cgroup, which wait no more */
  take(cgroup: bigint): Iterable<number> {
    const flows = this.#byCgroup.get(cgroup) ?? [];
    this.#byCgroup.delete(cgroup);
    return flows;
  }
}
