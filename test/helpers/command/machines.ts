/** Machines made up of a few files. */
import type { Machine } from '../../../src/doctor/machine.js';

export const ROOT = 'Uid:\t0\t0\t0\t0\nCapEff:\t000001ffffffffff\n';

/** @param files by path; nothing else can be read */
export function machine(
  files: Readonly<Record<string, string>> = {},
  others: Partial<Machine> = {},
): Machine {
  return {
    platform: 'linux',
    kernel: '6.12.0',
    architecture: 'x64',
    node: '22.1.0',
    read: (path) => files[path],
    ...others,
  };
}
