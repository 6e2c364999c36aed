/** Captures of stacks that the lab does not have (test/captures/README.md), measured by the command. */
import { describe, expect, jest, test } from '@jest/globals';
import { here, linesOf, useCli } from '../helpers/command/cli.js';

jest.setTimeout(240_000);

const start = useCli();
/** From the watcher to each end and back, in ns. */
const PATH_NS = { server: 16_000_000, client: 6_000_000 } as const;
const SERVER_PORTS = [443, 4433, 4434];

const CAPTURES = [
  {
    name: 'quic-spin',
    clientPorts: [47_723, 42_970, 34_591, 47_293, 40_165],
    proven: [47_723, 42_970, 34_591],
  },
  {
    name: 'quic-spin-faults',
    clientPorts: [57_784, 51_847, 38_459, 55_721],
    // One is proven, and too short for two RTTs of a side after that: the last one is never told.
    proven: [],
  },
] as const;

interface Rtt {
  readonly type: string;
  readonly src_port: number;
  readonly dest_port: number;
  readonly rtt: number;
  readonly by: string;
}

async function measure(name: string): Promise<Rtt[]> {
  const quic = ['--protocol', 'quic', '--quic-port', '4433,4434', '--include-local'];
  const options = [...quic, '--rate', '0', '--format', 'ndjson'];
  const { stdout, code } = await start(here, ['-r', `test/captures/${name}.pcap`, ...options])
    .ended;
  expect(code).toBe(0);
  const lines = linesOf(stdout).map((line) => JSON.parse(line) as Rtt);
  return lines.filter(({ type }) => type === 'rtt');
}

function clientPortOf(rtt: Rtt): number {
  return halfOf(rtt) === 'server' ? rtt.dest_port : rtt.src_port;
}

function halfOf({ src_port }: Rtt): 'client' | 'server' {
  return SERVER_PORTS.includes(src_port) ? 'server' : 'client';
}

describe.each(CAPTURES)('$name', ({ name, clientPorts, proven }) => {
  test('each handshake is measured both ways, also of version 2 and without fixed bits', async () => {
    const rtts = (await measure(name)).filter(({ by }) => by === 'connection_id');
    const ends = rtts.map((rtt) => [halfOf(rtt), clientPortOf(rtt)]);
    expect(ends).toEqual(
      clientPorts.flatMap((port) => [
        ['server', port],
        ['client', port],
      ]),
    );
  });

  test('no RTT is below the path', async () => {
    const rtts = await measure(name);
    expect(rtts.filter((rtt) => rtt.rtt < PATH_NS[halfOf(rtt)])).toEqual([]);
  });

  test('by the spin bit are RTTs of those that are long enough to prove that both ends spin', async () => {
    const rtts = (await measure(name)).filter(({ by }) => by === 'spin_bit');
    expect([...new Set(rtts.map(clientPortOf))]).toEqual(proven);
  });
});
