import { rmSync } from 'node:fs';
import { ending } from '../child.js';
import type { Namespace } from '../netns.js';
import { pping } from '../places.js';

/** The real pping inside the namespace, into a file of its own. */
export async function record(
  ns: Namespace,
  interfaceName: string,
  seconds: number,
  file: string,
): Promise<void> {
  // pping appends.
  rmSync(file, { force: true });
  const argv = [pping, '-i', interfaceName, '--rate', '50ms', '-s', String(seconds), '-o', file];
  const child = ns.spawn(argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const { code, signal } = await ending(child);
  if (code !== 0) throw new Error(`pping was ended by ${signal ?? `exit code ${code}`}`);
}
