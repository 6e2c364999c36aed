/** Captures of stacks that spin (test/captures/README.md): what would deceive, and whom. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { datagramsOf } from '../helpers/packets/datagrams.js';

/** There and back, in ns. */
const PATH_NS = 22_000_000n;

interface Flow {
  readonly capture: 'quic-spin' | 'quic-spin-faults';
  readonly clientPort: number;
  readonly bits: 'spinning' | 'disordered' | 'random' | 'constant';
}

const FLOWS: readonly Flow[] = [
  { capture: 'quic-spin', clientPort: 47_723, bits: 'spinning' },
  { capture: 'quic-spin', clientPort: 42_970, bits: 'spinning' },
  { capture: 'quic-spin', clientPort: 34_591, bits: 'spinning' },
  { capture: 'quic-spin', clientPort: 47_293, bits: 'random' },
  { capture: 'quic-spin', clientPort: 40_165, bits: 'constant' },
  { capture: 'quic-spin-faults', clientPort: 57_784, bits: 'disordered' },
  { capture: 'quic-spin-faults', clientPort: 51_847, bits: 'spinning' },
  { capture: 'quic-spin-faults', clientPort: 38_459, bits: 'random' },
  { capture: 'quic-spin-faults', clientPort: 55_721, bits: 'disordered' },
];

/** From each change of the bit to the next one, in ns; of both directions. */
function periodsOf({ capture, clientPort }: Flow): bigint[] {
  const bytes = readFileSync(join(repositoryRoot, 'test/captures', `${capture}.pcap`));
  const periods: bigint[] = [];
  const seen = new Map<number, { readonly spin: number; readonly edge: bigint | undefined }>();
  for (const { time, sourcePort, destPort, packets } of datagramsOf(bytes)) {
    const last = packets.at(-1);
    if (sourcePort !== clientPort && destPort !== clientPort) continue;
    if (last?.type !== 'short') continue;
    const before = seen.get(sourcePort);
    const isEdge = before !== undefined && before.spin !== last.spin;
    if (isEdge && before.edge !== undefined) periods.push(time - before.edge);
    seen.set(sourcePort, { spin: last.spin, edge: isEdge ? time : before?.edge });
  }
  return periods;
}

describe.each(FLOWS)('$capture, from port $clientPort: $bits', (flow) => {
  test('its edges', () => {
    const periods = periodsOf(flow);
    const below = periods.filter((period) => period < PATH_NS);
    if (flow.bits === 'constant') expect(periods).toEqual([]);
    else expect(periods.length).toBeGreaterThan(20);
    if (flow.bits === 'spinning') expect(below).toEqual([]);
    if (flow.bits === 'disordered') expect(below.length).toBeGreaterThan(2);
    if (flow.bits === 'random') expect(below.length).toBeGreaterThan(periods.length / 2);
  });
});
