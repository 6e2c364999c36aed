/** The files that come with pping, wherever it is installed and whichever file this code is in. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MANIFEST = 'package.json';
const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** @param path below the folder of package.json */
export function installed(path: string): string {
  return join(ROOT, path);
}

export const manifest = installed(MANIFEST);

/** The nearest folder upwards that has a package.json; without one, two folders above dist/pping/. */
function findRoot(folder: string): string {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (existsSync(join(at, MANIFEST))) return at;
  }
  return join(folder, '../..');
}
