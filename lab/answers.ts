// What a helper program of the lab says on its stdout, line by line.
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ending } from './child.js';

/** Each line answers the oldest question; one that nobody asked for, like the last, is dropped. */
export class Answers {
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  readonly #name: string;
  #ended = false;

  /** @param name what is said to have ended when it has */
  constructor(child: ChildProcess, name: string) {
    this.#name = name;
    child.stdin?.on('error', () => {}); // its end is reported once, by next()
    if (child.stdout !== null) {
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => this.#waiting.shift()?.resolve(line));
    }
    ending(child).then(() => this.#end());
  }

  /** The next line that no other call gets. Rejects when the program has ended. */
  next(): Promise<string> {
    if (this.#ended) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone());
  }

  #gone(): Error {
    return new Error(`${this.#name} has ended`);
  }
}
