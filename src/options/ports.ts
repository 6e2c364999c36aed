/** Ports as people write them. */
import type { PortRange } from '../sampling/filter.js';

const MOST_PORT = 65_535;

/** `443`, `8000-8999`. Throws an Error that says what is wrong. */
export function parsePorts(text: string): PortRange {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (!match?.[1]) {
    throw new Error(
      `${JSON.stringify(text)} is neither a port nor a range: write for example 443 or 8000-8999`,
    );
  }
  const first = Number(match[1]);
  const last = Number(match[2] ?? match[1]);
  if (last > MOST_PORT || first > MOST_PORT) throw new Error(`ports go up to ${MOST_PORT}`);
  if (first > last) throw new Error(`${text} ends before it begins`);
  return { first, last };
}
