/**
 * Captures of what real kernels send each other, of many kinds, at both ends of a path that delays
 * frames, loses some and puts others out of order. Which kind a connection is of its server's port tells.
 */
import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { serverAddresses } from '../../../lab/endpoints.js';
import { createPath, type LabPath } from '../../../lab/path.js';
import type { Faults } from '../../../lab/relay.js';
import { startClient, startServer } from '../../../lab/services.js';
import { inOrder } from '../packets/segments.js';
import { startCapture } from './tcpdump.js';

export interface Kind {
  readonly name: string;
  readonly faults?: Faults;
  /** Below net.ipv4, at both ends, for both address families. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly address?: string;
  /** See lab/traffic/options.ts. */
  readonly traffic: readonly string[];
}

export interface Corpus {
  /** By the end that it was taken at; in the order of time. */
  readonly captures: Readonly<Record<End, Buffer>>;
  /** By the server's port. */
  readonly kinds: ReadonlyMap<number, Kind>;
}

export const ENDS = ['client', 'server'] as const;
export type End = (typeof ENDS)[number];

/** One way. */
export const DELAY_US = 5_000;
const FIRST_PORT = 5_001;
const NO_FAULTS = { lost: 0, early: 0 };
const FILTER = `tcp portrange ${FIRST_PORT}-${FIRST_PORT + 999}`;

/** @param file where a file of that name can be written */
export async function makeCorpus(
  kinds: readonly Kind[],
  file: (name: string) => string,
): Promise<Corpus> {
  const path = await createPath({ delayUs: DELAY_US });
  try {
    const ends = await Promise.all(
      ENDS.map((end) => startCapture(path[end], path.interfaceName, file(`${end}.pcap`), FILTER)),
    );
    for (const [index, kind] of kinds.entries()) await run(path, kind, FIRST_PORT + index);
    await Promise.all(ends.map((end) => end()));
    const { aToB, bToA } = await path.stats();
    const faulty = kinds.filter(({ faults = NO_FAULTS }) => faults.lost + faults.early > 0);
    expect(aToB.lost + bToA.lost + aToB.early + bToA.early > 0).toBe(faulty.length > 0);
  } finally {
    await path.close();
  }
  const read = (end: End) => inOrder(readFileSync(file(`${end}.pcap`)));
  return {
    captures: { client: read('client'), server: read('server') },
    kinds: new Map(kinds.map((kind, index) => [FIRST_PORT + index, kind])),
  };
}

async function run(path: LabPath, kind: Kind, port: number): Promise<void> {
  const { faults = NO_FAULTS, settings = {}, address = serverAddresses.ipv4, traffic } = kind;
  const restore = await change(path, settings);
  const service = await startServer(path, address, port);
  await path.setFaults(faults);
  const { failed } = await startClient(path, service, traffic).summary;
  await path.setFaults(NO_FAULTS);
  await restore();
  expect({ kind: kind.name, failed }).toEqual({ kind: kind.name, failed: 0 });
}

/** @returns what sets them as they were */
async function change(
  path: LabPath,
  settings: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const before: (readonly [End, string])[] = [];
  for (const [name, value] of Object.entries(settings)) {
    for (const end of ENDS) {
      const old = (await path[end].run(['sysctl', '-n', `net.ipv4.${name}`])).trim();
      before.push([end, `net.ipv4.${name}=${old}`]);
      await path[end].run(['sysctl', '-qw', `net.ipv4.${name}=${value}`]);
    }
  }
  return async () => {
    for (const [end, assignment] of before) await path[end].run(['sysctl', '-qw', assignment]);
  };
}
