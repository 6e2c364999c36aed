/** What was installed and built. */
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';

/** @param manifest where package.json is */
export function nodeVersion(machine: Machine, manifest: string): Finding {
  const what = 'Node';
  const { engines } = JSON.parse(machine.read(manifest) ?? '{}') as { engines?: { node?: string } };
  const ranges = (engines?.node ?? '>=0').split(' || ');
  const [oldest = '0'] = ranges.map(leastOf);
  const { node } = machine;
  if (ranges.some((range) => includes(range, node))) return { what, status: 'ok', found: node };
  if (!isAtLeast(node, oldest)) {
    return { what, status: 'missing', found: node, fix: `install Node ${oldest} or newer` };
  }
  const tested = ranges.map((range) => numbers(leastOf(range))[0]).join(', ');
  return { what, status: 'warning', found: `${node}, which is not tested (tested: ${tested})` };
}

/** @param object where the BPF object is */
export function programFile(machine: Machine, object: string): Finding {
  const what = 'BPF object';
  if (machine.read(object) !== undefined) return { what, status: 'ok', found: object };
  return { what, status: 'missing', found: `${object} cannot be read`, fix: 'make build' };
}

/** @param range ^22.1: of 22, from 22.1 on; >=26: and all that follow */
function includes(range: string, version: string): boolean {
  const least = leastOf(range);
  const isOpen = range.startsWith('>=');
  return isAtLeast(version, least) && (isOpen || numbers(version)[0] === numbers(least)[0]);
}

function leastOf(range: string): string {
  return range.replace(/^(\^|>=)/, '');
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
