/** What is made once for all flows that are seen at a place: what the place is called, and what it is in. */
export class PerPlace<Value> {
  readonly #make: (place: number) => Value;
  readonly #byPlace = new Map<number, Value>();

  constructor(make: (place: number) => Value) {
    this.#make = make;
  }

  /** @param place as of an event: there are at most 65,536 */
  of(place: number): Value {
    const known = this.#byPlace.get(place);
    if (known !== undefined) return known;
    const made = this.#make(place);
    this.#byPlace.set(place, made);
    return made;
  }

  /** Places go by other names from now on. */
  forgetAll(): void {
    this.#byPlace.clear();
  }
}
