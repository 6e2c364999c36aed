/** Ports as people write them. */
import type { PortRange } from '../sampling/filter.js';
import { servicePort } from './services.js';

const MOST_PORT = 65_535;

/** `443`, `https`, `8000-8999`. Throws an Error that says what is wrong. */
export function parsePorts(text: string): PortRange {
  const [, low, high] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  const first = low === undefined ? servicePort(text) : Number(low);
  if (first === undefined) {
    throw new Error(
      `${JSON.stringify(text)} is not a port, a range or a service in /etc/services; write for example 443, https or 8000-8999`,
    );
  }
  const last = Number(high ?? first);
  if (first < 1 || last > MOST_PORT || first > MOST_PORT) {
    throw new Error(`ports go from 1 to ${MOST_PORT}`);
  }
  if (first > last) throw new Error(`${text} ends before it begins`);
  return { first, last };
}

/** One of them. Throws an Error that says what is wrong. */
export function parsePort(text: string): number {
  const { first, last } = parsePorts(text);
  if (first !== last) throw new Error(`${text} is a range; list each port`);
  return first;
}
