/** What is shipped for systemd and logrotate. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';

export const shared = (name: string) => readFileSync(join(repositoryRoot, 'share', name), 'utf8');

/** One instance for each interface; one process for all. */
export const UNIT = shared('pping@.service');
export const UNIT_OF_ALL = shared('pping.service');

/** All values of a setting, of all its lines. */
export function setting(name: string, unit = UNIT): string[] {
  const lines = unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'));
  return Array.from(lines, ([, value = '']) => value.split(' ')).flat();
}
