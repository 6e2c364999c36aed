/** No place has this number. */
const NONE = -1;

/** What is made once for all flows that are seen at a place: what the place is called, and what it is in. */
export class PerPlace<Value> {
  readonly #make: (place: number) => Value;
  readonly #byPlace = new Map<number, Value>();
  /** That of the last event: mostly the next one is of the same place. */
  #lastPlace = NONE;
  #last: Value | undefined;

  constructor(make: (place: number) => Value) {
    this.#make = make;
  }

  /** @param place as of an event: there are at most 65,536 */
  of(place: number): Value {
    if (place === this.#lastPlace) return this.#last as Value;
    const value = this.#byPlace.get(place) ?? this.#makeFor(place);
    this.#lastPlace = place;
    this.#last = value;
    return value;
  }

  /** Places go by other names from now on. */
  forgetAll(): void {
    this.#byPlace.clear();
    this.#lastPlace = NONE;
    this.#last = undefined;
  }

  #makeFor(place: number): Value {
    const made = this.#make(place);
    this.#byPlace.set(place, made);
    return made;
  }
}
