import type { HostNames } from '../../../src/text/host.js';

/** Names of hosts that become known when a test says so. */
export class KnownNames implements HostNames {
  readonly #names: Record<string, string>;
  changes = 0;

  constructor(names: Record<string, string>) {
    this.#names = names;
  }

  nameOf(address: string): string | undefined {
    return this.#names[address];
  }

  learn(address: string, name: string): void {
    this.#names[address] = name;
    this.changes++;
  }
}

export const namesOf = (names: Record<string, string>) => new KnownNames(names);
