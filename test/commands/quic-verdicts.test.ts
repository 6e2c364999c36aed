/** How many connections of QUIC spin, as the command tells it of captures of known stacks (test/captures/README.md). */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { replayHere } from '../helpers/command/in-process.js';
import { PCAP_HEADER } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const QUIC = ['--protocol', 'quic', '--quic-port', '4433,4434', '--include-local', '--rate', '0'];
const captureOf = (name: string) => join(repositoryRoot, 'test/captures', `${name}.pcap`);

interface Summary {
  readonly quic?: { readonly connections: number; readonly spin: Record<string, number> };
  readonly counters: Record<string, number>;
}

async function summaryOf(...args: string[]): Promise<Summary> {
  const { code, lines } = await replayHere([...args, '--format', 'ndjson']);
  expect(code).toBe(0);
  return JSON.parse(lines.at(-1) ?? '') as Summary;
}

/** Of quinn and aioquic those are proven that are long enough; ngtcp2 does not spin, and is over too soon to show it. */
describe.each([
  ['quic-spin', { none: 1, constant: 0, random: 1, valid: 3 }],
  ['quic-spin-faults', { none: 1, constant: 0, random: 1, valid: 2 }],
] as const)('%s', (name, spin) => {
  const connections = Object.values<number>(spin).reduce((sum, each) => sum + each);

  test('has them in NDJSON, and a fate for each packet', async () => {
    const { quic, counters } = await summaryOf('-r', captureOf(name), ...QUIC);
    expect(quic).toEqual({ connections, spin });
    const { egress = 0, ingress = 0, captured = 0, handshake = 0 } = counters;
    const { spin_bit: spins = 0, no_spin: doesNot = 0 } = counters;
    expect(spins).toBeGreaterThan(0);
    expect(spins + doesNot + handshake).toBe(egress + ingress + captured);
  });

  test('has a line for people', async () => {
    const { stderr } = await replayHere(['-r', captureOf(name), ...QUIC]);
    const { valid, random, none } = spin;
    expect(stderr).toContain(
      `\nQUIC: ${connections} connections, ${valid} spinning; the others: ${random} random, ${none} unknown\n`,
    );
    expect(stderr).toMatch(/\nnot measurable: \d+ QUIC packets without a proven spin bit\n/);
  });

  test('has neither where QUIC was not asked for', async () => {
    const { stderr } = await replayHere(['-r', captureOf(name)]);
    expect(stderr).not.toMatch(/QUIC: |proven to spin/);
    expect(await summaryOf('-r', captureOf(name))).not.toHaveProperty('quic');
  });
});

test('where the clock goes back, connections from before it count, too', async () => {
  const bytes = readFileSync(captureOf('quic-spin'));
  const path = inFolder('twice.pcap');
  writeFileSync(path, Buffer.concat([bytes, bytes.subarray(PCAP_HEADER)]));
  expect((await summaryOf('-r', path, ...QUIC)).quic).toEqual({
    ...{ connections: 10, spin: { none: 2, constant: 0, random: 2, valid: 6 } },
  });
});
