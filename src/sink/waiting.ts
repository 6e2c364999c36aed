/** Those who can wait until an output has room, such as a replay. */
export class Waiting {
  readonly #all = new Set<() => void>();

  /** Resolves when they are let go, or at the signal. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        signal.removeEventListener('abort', go);
        this.#all.delete(go);
        resolve();
      };
      this.#all.add(go);
      signal.addEventListener('abort', go);
    });
  }

  /** There is room again, or never will be. */
  letGo(): void {
    for (const go of this.#all) go();
  }
}
