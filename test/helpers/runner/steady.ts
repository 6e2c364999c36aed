/** Folders of the machine in which other suites, which run beside this one, make and remove names. */
import { readdirSync, statSync } from 'node:fs';

/** @returns the folder's names and what was found, while nobody changed it. A folder that is not there has none */
export function whileSteady<T>(folder: string, find: () => T): { names: string[]; found: T } {
  for (;;) {
    const before = stateOf(folder);
    const found = find();
    if (stateOf(folder).key === before.key) return { names: before.names, found };
  }
}

/** Also what was made and removed since changes a folder's time. */
function stateOf(folder: string): { names: string[]; key: string } {
  const stat = statSync(folder, { bigint: true, throwIfNoEntry: false });
  const names = stat ? readdirSync(folder).sort() : [];
  return { names, key: [stat?.ino, stat?.mtimeNs, ...names].join('\n') };
}
