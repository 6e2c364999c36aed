/** What was read of a file or directory, as long as that does not change. */
import type { HostFiles } from './host-files.js';

export class KeptReading<Value> {
  readonly #files: HostFiles;
  readonly #path: string;
  readonly #read: (path: string) => Value;
  #version: string | undefined;
  #value: Value | undefined;

  /** @param read what is kept */
  constructor(files: HostFiles, path: string, read: (path: string) => Value) {
    this.#files = files;
    this.#path = path;
    this.#read = read;
  }

  /** Undefined where there is no such file. */
  get(): Value | undefined {
    const version = this.#files.versionOf(this.#path);
    if (!version) {
      this.#version = undefined;
      this.#value = undefined;
    } else if (version.text !== this.#version) {
      this.#value = this.#read(this.#path);
      this.#version = version.isSettled ? version.text : undefined;
    }
    return this.#value;
  }
}
