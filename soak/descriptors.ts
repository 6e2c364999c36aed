// What a process has open, by kind. A leak is what has become more.
import { readdirSync, readlinkSync } from 'node:fs';

/** How many of each kind: the path of a file, or what the kernel calls that which has none. */
export type Descriptors = ReadonlyMap<string, number>;

/** Of a process that lives. */
export function descriptorsOf(pid: number): Descriptors {
  const folder = `/proc/${pid}/fd`;
  const counts = new Map<string, number>();
  for (const fd of readdirSync(folder)) {
    const kind = kindOf(`${folder}/${fd}`);
    if (kind !== undefined) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Of each kind the least there was: some are open for a moment, as the walk over all sockets. */
export function fewestOf(looks: readonly Descriptors[]): Descriptors {
  const [first = new Map<string, number>(), ...others] = looks;
  const least = (kind: string, count: number) =>
    Math.min(count, ...others.map((look) => look.get(kind) ?? 0));
  const kinds = [...first].map(([kind, count]) => [kind, least(kind, count)] as const);
  return new Map(kinds.filter(([, count]) => count > 0));
}

/** What there is more of at last than at first, in words. */
export function leaksIn(first: Descriptors, last: Descriptors): string[] {
  const more = [...last].map(([kind, count]) => [count - (first.get(kind) ?? 0), kind] as const);
  return more.filter(([count]) => count > 0).map(([count, kind]) => `${count} of ${kind}`);
}

export function countOf(descriptors: Descriptors): number {
  return [...descriptors.values()].reduce((total, count) => total + count, 0);
}

/** Without the number that tells one socket or pipe from another. Undefined where it is closed meanwhile. */
function kindOf(link: string): string | undefined {
  try {
    return readlinkSync(link).replace(/:\[\d+\]$/, '');
  } catch {
    return undefined;
  }
}
