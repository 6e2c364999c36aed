/**
 * What is told apart by a key, as numbers from 0 on: whoever keeps something of it keeps it in arrays at these. The
 * memory is bounded: when it is full, one that has not been touched for a while makes room. Its number is then
 * another's, which its life tells.
 */
import { SecondChance } from '../second-chance.js';

/** Then they begin again: of one number after years. */
const LAST_LIFE = 0x7fff_ffff;

export abstract class KeyTable {
  readonly #most: number;
  readonly #chances: SecondChance;
  readonly #lives: Int32Array;
  #size = 0;
  #forgotten = 0;

  constructor(most: number) {
    this.#most = most;
    this.#chances = new SecondChance(most);
    this.#lives = new Int32Array(most);
  }

  /** All numbers are below it. */
  get size(): number {
    return this.#size;
  }

  /** How many had to make room; one that comes back may be among them more than once. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Another one once the number has become another key's. Never below 0. */
  lifeOf(at: number): number {
    return this.#lives[at] as number;
  }

  /** Something has happened to it, once more. */
  touch(at: number): void {
    this.#chances.use(at);
  }

  /** For one more: makes room if there is none. */
  protected take(): number {
    if (this.#size < this.#most) return this.#size++;
    const at = this.#chances.next(this.#most);
    this.unlink(at);
    this.#lives[at] = (this.lifeOf(at) + 1) & LAST_LIFE;
    this.#forgotten++;
    return at;
  }

  /** Its key leads to it no longer. */
  protected abstract unlink(at: number): void;
}

/** By what is a string. */
export class NameTable extends KeyTable {
  readonly #byName = new Map<string, number>();
  readonly #names: string[] = [];

  /** -1: it is not there. */
  numberOf(name: string): number {
    return this.#byName.get(name) ?? -1;
  }

  /** Of one that was not found. */
  addName(name: string): number {
    const at = this.take();
    this.#names[at] = name;
    this.#byName.set(name, at);
    return at;
  }

  nameOf(at: number): string {
    return this.#names[at] as string;
  }

  protected override unlink(at: number): void {
    this.#byName.delete(this.nameOf(at));
  }
}
