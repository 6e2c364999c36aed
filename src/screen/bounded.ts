/** Sets that do not grow without end. */

/** Adds it; where the set is full, what is in it for the longest time makes room. @returns whether it is new */
export function addTo<Value>(set: Set<Value>, value: Value, most: number): boolean {
  if (set.has(value)) return false;
  if (set.size >= most) deleteFirst(set);
  set.add(value);
  return true;
}

function deleteFirst<Value>(set: Set<Value>): void {
  for (const first of set) {
    set.delete(first);
    return;
  }
}
