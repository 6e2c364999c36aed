export type Step = () => Promise<void> | void;

/** What must be undone, last first. Every step runs, once, even if another one fails. */
export class Cleanup {
  readonly #steps: Step[] = [];

  add(step: Step): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'the lab did not clean up');
  }
}

/** Runs what builds something; when that fails half-way, what was built so far is undone. */
export async function building<T>(build: (cleanup: Cleanup) => Promise<T>): Promise<T> {
  const cleanup = new Cleanup();
  try {
    return await build(cleanup);
  } catch (failure) {
    await cleanup.run().catch(() => {});
    throw failure;
  }
}
