// What the kernel itself knows about the round-trip times of its connections: `ss -ti`.
import type { Namespace } from './netns.js';

/** In microseconds. */
export interface KernelRtt {
  readonly smoothedUs: number;
  readonly minUs: number;
}

/** One per open connection to the address that has been measured yet. */
export async function kernelRtts(ns: Namespace, address: string): Promise<KernelRtt[]> {
  const host = address.includes(':') ? `[${address}]` : address;
  return parseSs(await ns.run(['ss', '-tinH', 'state', 'established', 'dst', host]));
}

/** ss prints ` rtt:25.31/0.4 ` (mean and deviation) and ` minrtt:25.02 `, in milliseconds. */
export function parseSs(text: string): KernelRtt[] {
  const found = text.matchAll(/ rtt:([\d.]+)\/[^\n]* minrtt:([\d.]+)/g);
  return Array.from(found, ([, mean, least]) => ({ smoothedUs: us(mean), minUs: us(least) }));
}

function us(ms: string | undefined): number {
  return Math.round(Number(ms) * 1_000);
}
