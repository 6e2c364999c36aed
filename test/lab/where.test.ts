/**
 * One connection, captured at both legs of a router: its RTTs differ by what lies between, which is never less than
 * nothing.
 */
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import {
  createNatLab,
  innerInterfaces,
  type NatLab,
  natAddresses,
  outerInterface,
} from '../../lab/nat.js';
import { startClient, startServer } from '../../lab/services.js';
import { replayHere } from '../helpers/command/in-process.js';
import { startCapture } from '../helpers/lab/tcpdump.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

interface Line {
  readonly type: string;
  readonly capture: string;
  readonly src_ip: string;
  readonly src_port: number;
  readonly dest_port: number;
  readonly rtt: number;
}

const LAN = '10.78.1.0/24';
const inFolder = useTemporaryFolder();

let lab: NatLab;
beforeEach(async () => {
  lab = await createNatLab({ translate: false });
});
afterEach(() => lab.close());

/** What a client behind the router and a server outside say to each other, at each leg. */
async function captures(): Promise<{ lan: string; wan: string }> {
  const [lan, wan] = [inFolder('lan.pcap'), inFolder('wan.pcap')];
  const ends = [
    await startCapture(lab.router, innerInterfaces[0], lan, 'tcp'),
    await startCapture(lab.router, outerInterface, wan, 'tcp'),
  ];
  const client = { client: lab.clients[0] };
  const server = await startServer(lab, natAddresses.server.ipv4);
  const options = ['--mode', 'persistent', '--connections', '10', '--interval', '20'];
  await startClient(client, server, [...options, '--requests', '50']).summary;
  for (const end of ends) await end();
  return { lan, wan };
}

/** By the connection and who answered, in the order in which they were measured. */
function byDirection(lines: readonly Line[], capture: string): Map<string, number[]> {
  const rtts = new Map<string, number[]>();
  for (const line of lines.filter((each) => each.capture === capture)) {
    const key = `${line.src_ip} ${line.src_port} ${line.dest_port}`;
    rtts.set(key, [...(rtts.get(key) ?? []), line.rtt]);
  }
  return rtts;
}

test('at the farther leg each RTT is longer, and the summary has a row for both', async () => {
  const { lan, wan } = await captures();
  const args = ['-r', wan, '-r', lan, '--local', LAN, '--rate', '0', '--format', 'ndjson'];
  const { lines, stderr } = await replayHere(args);
  const rtts = lines.map((line) => JSON.parse(line) as Line).filter(({ type }) => type === 'rtt');
  const [near, far] = [byDirection(rtts, lan), byDirection(rtts, wan)];
  const server = natAddresses.server.ipv4;

  expect([...near.keys()].sort()).toEqual([...far.keys()].sort());
  expect(near.size).toBe(20);
  for (const [key, times] of near) {
    const others = far.get(key) ?? [];
    expect(times).toHaveLength(others.length);
    // Of what the server answers, the LAN is the farther one; of what the client answers, the WAN.
    const between = times.map((time, at) => time - (others[at] ?? Number.NaN));
    const least = Math.min(...between.map((each) => (key.startsWith(server) ? each : -each)));
    expect(least).toBeGreaterThan(0);
  }
  expect(stderr).toMatch(/beyond the interface:(.|\n)*at \S*wan\.pcap (.|\n)*at \S*lan\.pcap /);
});
