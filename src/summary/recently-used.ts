/** Things by their key, in bounded memory: when it is full, those not touched for the longest time make room. */

export interface Memorable {
  readonly key: string;
  /** When it was last touched. */
  touched: number;
  /** True also before its first touch. */
  isForgotten: boolean;
  /** It is forgotten: others may still hold it, so what takes memory goes. It may come back, as new. */
  release?(): void;
}

export class Remembered<Value extends Memorable> {
  readonly #most: number;
  readonly #byKey = new Map<string, Value>();
  #touches = 0;
  #forgotten = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#byKey.size;
  }

  /** How many had to make room; one that comes back may be among them more than once. */
  get forgotten(): number {
    return this.#forgotten;
  }

  get(key: string): Value | undefined {
    return this.#byKey.get(key);
  }

  values(): Value[] {
    return [...this.#byKey.values()];
  }

  /**
   * Something has happened to it: it is added, or was, or comes back.
   * @returns the one that is remembered: another, where its key was taken while it was forgotten
   */
  touch(value: Value): Value {
    const present = value.isForgotten ? (this.#byKey.get(value.key) ?? value) : value;
    present.touched = ++this.#touches;
    if (present.isForgotten) this.#add(present);
    return present;
  }

  forget(value: Value): void {
    value.isForgotten = true;
    this.#byKey.delete(value.key);
    value.release?.();
  }

  #add(value: Value): void {
    if (this.#byKey.size >= this.#most) this.#forgetHalf();
    value.isForgotten = false;
    this.#byKey.set(value.key, value);
  }

  /** Seldom, so that finding out which costs next to nothing per touch. */
  #forgetHalf(): void {
    const last = this.#middleTouch();
    for (const value of this.#byKey.values()) {
      if (value.touched > last) continue;
      this.forget(value);
      this.#forgotten++;
    }
  }

  /** That of the last value of the older half. */
  #middleTouch(): number {
    const touches = new Float64Array(this.#byKey.size);
    let at = 0;
    for (const { touched } of this.#byKey.values()) touches[at++] = touched;
    return touches.sort()[Math.ceil(touches.length / 2) - 1] as number;
  }
}
