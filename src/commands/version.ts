/** pping --version: which pping this is, on a line of its own, and what it runs with. */
import type { Finding } from '../doctor/finding.js';
import { LIBBPF, libraries } from '../doctor/libraries.js';
import { kernelName, type Machine, thisMachine } from '../doctor/machine.js';
import { ownVersion } from '../installation/versions.js';
import { print } from '../stdio/print.js';

/** @returns the exit code: what is missing is no fault here */
export async function version(): Promise<number> {
  print(`${versionText(ownVersion(), thisMachine, await libraries())}\n`);
  return 0;
}

/** @param found what doctor finds of libraries */
export function versionText(own: string, machine: Machine, found: readonly Finding[]): string {
  const libbpf = found.find(({ what, status }) => what === LIBBPF && status === 'ok');
  const library = libbpf ? `libbpf ${libbpf.found}` : 'no libbpf';
  return `pping ${own}\nNode.js ${machine.node}, ${library}, ${kernelName(machine)}`;
}
