/** What was installed and built. */
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';

/** @param manifest where package.json is */
export function nodeVersion(machine: Machine, manifest: string): Finding {
  const what = 'Node';
  const { engines } = JSON.parse(machine.read(manifest) ?? '{}') as { engines?: { node?: string } };
  const wanted = engines?.node?.replace('>=', '') ?? '0';
  const found = machine.node;
  if (isAtLeast(found, wanted)) return { what, status: 'ok', found };
  return { what, status: 'missing', found, fix: `install Node ${wanted} or newer` };
}

/** @param object where the BPF object is */
export function programFile(machine: Machine, object: string): Finding {
  const what = 'BPF object';
  if (machine.read(object) !== undefined) return { what, status: 'ok', found: object };
  return { what, status: 'missing', found: `${object} cannot be read`, fix: 'make build' };
}

function isAtLeast(version: string, least: string): boolean {
  const wanted = numbers(least);
  const has = numbers(version);
  const different = wanted.findIndex((number, place) => number !== (has[place] ?? 0));
  return different < 0 || (has[different] ?? 0) > (wanted[different] ?? 0);
}

function numbers(version: string): number[] {
  return version.split('.').map((part) => Number.parseInt(part, 10));
}
