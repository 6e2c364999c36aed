// Where the built helper programs are, whether this file runs from lab/ or from dist/lab/.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryRoot = findRoot(dirname(fileURLToPath(import.meta.url)));
export const relayProgram = join(repositoryRoot, 'dist/lab/relay');
export const trafficProgram = join(repositoryRoot, 'dist/lab/traffic.js');
export const transferProgram = join(repositoryRoot, 'dist/lab/transfer.js');
export const connectProgram = join(repositoryRoot, 'dist/lab/connect.js');
/** What the tests run; PPING_TEST_COMMAND: another one, as out of a package. */
export const pping = process.env.PPING_TEST_COMMAND ?? join(repositoryRoot, 'bin/pping');

function findRoot(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory;
  const parent = dirname(directory);
  if (parent === directory) throw new Error('no package.json above the lab');
  return findRoot(parent);
}
