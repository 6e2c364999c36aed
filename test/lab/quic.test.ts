/** Handshakes of QUIC by a real client and server, over a path whose delay is known. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { QuicServer, type Request } from '../helpers/lab/quic.js';
import { flightsOf, turnsOf } from '../helpers/lab/quic-flights.js';
import { startCapture } from '../helpers/lab/tcpdump.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_NS = 2_000 * DELAY_US;
const WHOLE_FRAMES = 65_535;
const PORTS = { usual: 443, retry: 4433 } as const;

jest.setTimeout(120_000);

const file = useTemporaryFolder();
const folder = mkdtempSync(join(tmpdir(), 'pping-quic-'));
let path: LabPath;
let servers: Readonly<Record<keyof typeof PORTS, QuicServer>>;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US });
  const start = (kind: keyof typeof PORTS) =>
    QuicServer.start(path.server, join(folder, kind), {
      port: PORTS[kind],
      retry: kind === 'retry',
    });
  servers = { usual: await start('usual'), retry: await start('retry') };
});
afterAll(async () => {
  await path?.close();
  rmSync(folder, { recursive: true });
});

interface Case {
  readonly name: string;
  readonly version?: 'ipv4' | 'ipv6';
  readonly server?: keyof typeof PORTS;
  readonly request?: Request;
  /** Whether it resumes the session of a connection that was before. */
  readonly resumes?: boolean;
  /** The first type of packet of each flight. */
  readonly flights: readonly string[];
}

const USUAL = ['initial', 'initial', 'initial'];
const CASES: readonly Case[] = [
  { name: 'IPv4', flights: USUAL },
  { name: 'IPv6', version: 'ipv6', flights: USUAL },
  { name: 'a client without connection ids', request: { idBytes: 0 }, flights: USUAL },
  { name: 'Retry', server: 'retry', flights: ['initial', 'retry', ...USUAL] },
  {
    name: 'Version Negotiation',
    request: { unknownVersion: true },
    flights: ['unknown', 'negotiation', ...USUAL],
  },
  { name: '0-RTT', resumes: true, flights: USUAL },
];

/** What each end has seen of one connection. */
async function connect({ version = 'ipv4', server = 'usual', request, resumes }: Case) {
  const address = serverAddresses[version];
  const asked = { ...request, ...(resumes ? { session: file('session') } : {}) };
  if (resumes) await servers[server].ask(path.client, address, asked);
  const capture = async (end: 'client' | 'server') => {
    const name = file(`${end}.pcap`);
    const stop = await startCapture(path[end], path.interfaceName, name, 'udp', WHOLE_FRAMES);
    return async () => {
      await stop();
      return flightsOf(readFileSync(name), PORTS[server]);
    };
  };
  const [atClient, atServer] = [await capture('client'), await capture('server')];
  await servers[server].ask(path.client, address, asked);
  return { atClient: await atClient(), atServer: await atServer() };
}

describe.each(CASES)('$name', (each) => {
  test('is what is on the wire, and no turn is faster than the path', async () => {
    const { atClient, atServer } = await connect(each);
    for (const flights of [atClient, atServer]) {
      expect(flights.map(({ types }) => types[0])).toEqual(each.flights);
    }
    expect(atClient[0]?.types.includes('zeroRtt')).toBe(each.resumes === true);
    expect(turnsOf(atClient).filter(isTooFast('server'))).toEqual([]);
    expect(turnsOf(atServer).filter(isTooFast('client'))).toEqual([]);
  });
});

function isTooFast(end: string) {
  return ({ answers, rtt }: { answers: string; rtt: number }) => answers === end && rtt < LEAST_NS;
}
