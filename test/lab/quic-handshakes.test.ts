/** RTTs of handshakes of a real client and server of QUIC, seen at both ends of a path whose delay is known. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { serverAddresses } from '../../lab/endpoints.js';
import { createPath, type LabPath } from '../../lab/path.js';
import { linesOf, useCli } from '../helpers/command/cli.js';
import { QuicServer, type Request } from '../helpers/lab/quic.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const DELAY_US = 10_000;
const LEAST_NS = 2_000 * DELAY_US;
/** Beyond the path: a signature, or the check of one, on a busy machine. */
const MOST_NS = 20 * LEAST_NS;
const PORTS = { usual: 443, retry: 4433 } as const;

jest.setTimeout(120_000);

const start = useCli();
const file = useTemporaryFolder();
const folder = mkdtempSync(join(tmpdir(), 'pping-quic-'));
let path: LabPath;
let servers: Readonly<Record<keyof typeof PORTS, QuicServer>>;

beforeAll(async () => {
  path = await createPath({ delayUs: DELAY_US });
  const serve = (kind: keyof typeof PORTS) =>
    QuicServer.start(path.server, join(folder, kind), {
      port: PORTS[kind],
      retry: kind === 'retry',
    });
  servers = { usual: await serve('usual'), retry: await serve('retry') };
});
afterAll(async () => {
  await path?.close();
  rmSync(folder, { recursive: true });
});

interface Line {
  readonly type: string;
  readonly src_port: number;
  readonly rtt: number;
}

const ASKED = { protocol: 'QUIC', by: 'connection_id', handshake: true, answer: 'handshake' };

/** Watches at one end; gives the RTTs that were told there. */
async function watchAt(end: 'client' | 'server', name: string) {
  const output = file(`${end}-${name}.ndjson`);
  const what = ['--protocol', 'quic', '--quic-port', String(PORTS.retry), '--rate', '0'];
  const cli = await start(path[end], ['-i', path.interfaceName, ...what, '-o', output]).watching();
  return async () => {
    const { code, stderr } = await cli.end('SIGINT');
    expect(code).toBe(0);
    expect(stderr).toContain('no event lost');
    const lines = linesOf(readFileSync(output, 'utf8')).map((line) => JSON.parse(line) as Line);
    return lines.filter(({ type }) => type === 'rtt');
  };
}

interface Case {
  readonly name: string;
  readonly version?: 'ipv4' | 'ipv6';
  readonly server?: keyof typeof PORTS;
  readonly request?: Request;
  /** RTTs at each end: of a Retry one more. */
  readonly count?: number;
}

test.each<Case>([
  { name: 'IPv4' },
  { name: 'IPv6', version: 'ipv6' },
  { name: 'a client without connection ids', request: { idBytes: 0 } },
  { name: 'Retry', server: 'retry', count: 2 },
  { name: 'Version Negotiation', request: { unknownVersion: true } },
])('$name', async ({ name, version = 'ipv4', server = 'usual', request, count = 1 }) => {
  const word = name.replaceAll(' ', '-');
  const [atClient, atServer] = [await watchAt('client', word), await watchAt('server', word)];
  await servers[server].ask(path.client, serverAddresses[version], request);
  const told = { client: await atClient(), server: await atServer() };
  for (const rtt of [...told.client, ...told.server]) {
    expect(rtt).toMatchObject(ASKED);
    expect(rtt.rtt).toBeGreaterThanOrEqual(LEAST_NS);
    expect(rtt.rtt).toBeLessThan(MOST_NS);
  }
  expect(told.client.map(({ src_port }) => src_port)).toEqual(Array(count).fill(PORTS[server]));
  expect(told.server).toHaveLength(count);
  expect(told.server.map(({ src_port }) => src_port)).not.toContain(PORTS[server]);
  console.log(
    `${name}: ${told.client.map(({ rtt }) => rtt)}, ${told.server.map(({ rtt }) => rtt)}`,
  );
});
