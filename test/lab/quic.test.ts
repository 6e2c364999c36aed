/** Handshakes of QUIC by a real client and server, over a path whose delay is known. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { QuicServer, type Request } from '../helpers/lab/quic.js';
import { flightsOf, type Side, type Turn, turnsOf } from '../helpers/lab/quic-flights.js';
import { startCapture } from '../helpers/lab/tcpdump.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_NS = 2_000 * DELAY_US;
/** Of the reference, or 200 us: whichever is larger (docs/accuracy.md). */
const TOLERANCE = 0.1;
const TOLERANCE_NS = 200_000;
const WHOLE_FRAMES = 65_535;
const PORTS = { usual: 443, retry: 4433 } as const;
const SIDES: readonly Side[] = ['client', 'server'];

jest.setTimeout(240_000);

const start = useCli();
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

interface Line {
  readonly type: string;
  readonly protocol: string;
  readonly src_port: number;
  readonly dest_port: number;
  readonly rtt: number;
  readonly by: string;
  readonly handshake?: boolean;
}

/** What one end has seen. */
interface Seen {
  readonly end: Side;
  /** Of the first packet of each flight. */
  readonly flights: readonly string[];
  readonly hasEarlyData: boolean;
  /** By the capture: those between packets of versions that are known. */
  readonly turns: readonly Turn[];
  /** By pping. */
  readonly told: readonly Turn[];
  readonly lines: readonly Line[];
}

/** One connection, as each end has seen it. */
async function connect({ version = 'ipv4', server = 'usual', request, resumes }: Case) {
  const ask = () =>
    servers[server].ask(path.client, serverAddresses[version], {
      ...request,
      ...(resumes ? { session: file('session') } : {}),
    });
  if (resumes) await ask();
  const watches: (() => Promise<Seen>)[] = [];
  for (const end of SIDES) watches.push(await watch(end, PORTS[server]));
  await ask();
  return Promise.all(watches.map((stop) => stop()));
}

/** @returns what ends it */
async function watch(end: Side, port: number): Promise<() => Promise<Seen>> {
  const [output, capture] = [file(`${end}.ndjson`), file(`${end}.pcap`)];
  const quic = ['--protocol', 'quic', '--quic-port', String(PORTS.retry)];
  const options = [...quic, '--include-local', '--rate', '0', '-o', output];
  const cli = await start(path[end], ['-i', path.interfaceName, ...options]).watching();
  const stop = await startCapture(path[end], path.interfaceName, capture, 'udp', WHOLE_FRAMES);
  return async () => {
    await stop();
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr).toContain('no events lost');
    // It does not spin, and is over in a moment.
    expect(stderr).toContain(
      '\nQUIC: 1 connection, none known to spin: only handshakes can be measured\n',
    );
    const flights = flightsOf(readFileSync(capture), port);
    const lines = linesOf(readFileSync(output, 'utf8')).map((line) => JSON.parse(line) as Line);
    return {
      end,
      flights: flights.map(({ types: [first = ''] }) => first),
      hasEarlyData: flights[0]?.types.includes('zeroRtt') === true,
      turns: turnsOf(flights.filter(({ types: [first] }) => !isOfNoVersion(first))),
      told: handshakesOf(lines).map((line) => turnOf(line, port)),
      lines,
    };
  };
}

function isOfNoVersion(type: string | undefined): boolean {
  return type === 'unknown' || type === 'negotiation';
}

function handshakesOf(lines: readonly Line[]): Line[] {
  return lines.filter(({ type, handshake }) => type === 'rtt' && handshake);
}

function turnOf({ src_port, dest_port, rtt }: Line, port: number): Turn {
  return src_port === port
    ? { answers: 'server', clientPort: dest_port, rtt }
    : { answers: 'client', clientPort: src_port, rtt };
}

describe.each(CASES)('$name', (each) => {
  test('each turn of the handshake is an RTT, and none is below the path', async () => {
    for (const seen of await connect(each)) {
      expect(seen.flights).toEqual(each.flights);
      expect(seen.hasEarlyData).toBe(each.resumes === true);
      const ends = ({ answers, clientPort }: Turn) => ({ answers, clientPort });
      expect(seen.told.map(ends)).toEqual(seen.turns.map(ends));
      const beyond = ({ answers }: Turn) => answers !== seen.end;
      const [told, turns] = [seen.told.filter(beyond), seen.turns.filter(beyond)];
      expect(told.length).toBeGreaterThan(0);
      expect([...told, ...turns].filter(({ rtt }) => rtt < LEAST_NS)).toEqual([]);
      for (const [at, { rtt }] of told.entries()) {
        const { rtt: truth = Number.NaN } = turns[at] ?? {};
        expect(Math.abs(rtt - truth)).toBeLessThan(Math.max(TOLERANCE * truth, TOLERANCE_NS));
      }
      for (const line of handshakesOf(seen.lines)) {
        expect(line).toMatchObject({ protocol: 'QUIC', by: 'connection_id' });
      }
    }
  });
});

test('who does not spin has no RTT by the spin bit', async () => {
  const request = { document: 'large' } as const;
  for (const { lines } of await connect({ name: 'a long transfer', request, flights: USUAL })) {
    expect(lines.filter(({ by }) => by === 'connection_id').length).toBeGreaterThan(0);
    expect(lines.filter(({ by }) => by === 'spin_bit')).toEqual([]);
  }
});
