/** What happens, in the order of time; and timers. */

export interface Happening {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

/** A heap: the earliest is at its top. Of those at one time the one that was added first. */
export class Queue {
  readonly #heap: Happening[] = [];
  #added = 0;
  #counted = 0;
  now: number;

  constructor(now: number) {
    this.now = now;
  }

  /** Numbers what happens: of two things at one time, the later has the larger number. */
  count(): number {
    return ++this.#counted;
  }

  at(time: number, run: () => void): void {
    const heap = this.#heap;
    const happening = { time, order: this.#added++, run };
    let at = heap.length;
    heap.push(happening);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Happening;
      if (!isBefore(happening, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = happening;
  }

  /** Lets the next thing happen; false where there is none. */
  step(): boolean {
    const first = this.#heap[0];
    if (!first) return false;
    this.#removeFirst();
    this.now = first.time;
    first.run();
    return true;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop() as Happening;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < length && isBefore(heap[right] as Happening, heap[child] as Happening)) {
        child = right;
      }
      const below = heap[child] as Happening;
      if (isBefore(last, below)) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

/** Goes off once, unless it is set anew or stopped before. */
export class Timer {
  readonly #queue: Queue;
  readonly #run: () => void;
  #due = 0;
  /** When the queue will ask; 0 = it will not. */
  #asked = 0;

  constructor(queue: Queue, run: () => void) {
    this.#queue = queue;
    this.#run = run;
  }

  get isSet(): boolean {
    return this.#due > 0;
  }

  set(after: number): void {
    this.#due = this.#queue.now + after;
    if (this.#asked === 0 || this.#asked > this.#due) this.#ask();
  }

  stop(): void {
    this.#due = 0;
  }

  #ask(): void {
    const time = this.#due;
    this.#asked = time;
    this.#queue.at(time, () => this.#answer(time));
  }

  #answer(time: number): void {
    if (this.#asked !== time) return;
    this.#asked = 0;
    if (this.#due > time) this.#ask();
    if (this.#due !== time) return;
    this.#due = 0;
    this.#run();
  }
}
