/** Maps and sets that are bounded: what was put in longest ago makes room. */

/** Forgotten at a time, of all: each walk to the oldest passes all that were forgotten before. */
const PART = 16;

/** A map, or a set. */
type Entries = Pick<Map<unknown, unknown>, 'size' | 'keys' | 'delete'>;

/** Makes room for one more, unless there is. @param most entries that it may have, at least 1 */
export function forgetOldest(entries: Entries, most: number): void {
  if (entries.size < most) return;
  let left = Math.ceil(most / PART);
  for (const oldest of entries.keys()) {
    if (left-- === 0) return;
    entries.delete(oldest);
  }
}
