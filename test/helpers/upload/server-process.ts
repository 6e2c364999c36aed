/** A server that is a process, in a namespace of its own, and may be killed. */
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { end } from '../../../lab/child.js';
import { repositoryRoot } from '../../../lab/places.js';
import type { Place } from '../command/cli.js';

const PROGRAM = join(repositoryRoot, 'test/helpers/upload/server.mjs');
/** In a namespace nobody else has it. */
const PORT = 9_911;

export const SERVER_URL = `http://127.0.0.1:${PORT}/insert?query=secret`;

/** Resolves once it listens. @param folder is made, and gets a file for each batch. @returns what kills it, at once */
export async function startCollector(place: Place, folder: string): Promise<() => Promise<void>> {
  const argv = [process.execPath, PROGRAM, String(PORT), folder];
  mkdirSync(folder, { recursive: true });
  const child = place.spawn(argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  if (!child.stdout) throw new Error('the server has no standard output');
  await once(child.stdout, 'data');
  return async () => {
    await end(child, 'SIGKILL');
  };
}

/** Of each batch that it took, in order, its text. */
export function batchesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8'));
}
