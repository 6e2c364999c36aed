/** Figures of several RTTs where several protocols are measured: those of one are never among another's. */
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { echoFrame, type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { replayHere } from '../helpers/command/in-process.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const MS = 1_000_000n;
const BASE = 1_700_000_000n * 1_000_000_000n;
const LOCAL = ['--local', CLIENT.address];
const TCP_MS = 40;
const ICMP_MS = 3;
const ROUNDS = 30;

/** To one host, in turns: data that is answered after 40 ms, and pings that are after 3. */
function packets(): CapturedPacket[] {
  const made: CapturedPacket[] = [];
  const add = (ms: number, frame: Buffer) => made.push({ time: BASE + BigInt(ms) * MS, frame });
  for (let n = 0; n < ROUNDS; n++) {
    const at = 100 * n;
    const seq = 1000 + 100 * n;
    const data: Segment = { seq, ack: 1, payload: 100, tsval: 1 + at, tsecr: 1 };
    const both = { id: 4711, sequence: n } as const;
    add(at, tcpFrame(CLIENT, SERVER, data));
    add(at + 1, echoFrame(CLIENT.address, SERVER.address, { kind: 'request', ...both }));
    add(at + 1 + ICMP_MS, echoFrame(SERVER.address, CLIENT.address, { kind: 'reply', ...both }));
    const ack: Segment = { seq: 1, ack: seq + 100, tsval: at, tsecr: 1 + at };
    add(at + TCP_MS, tcpFrame(SERVER, CLIENT, ack));
  }
  return made;
}

let path: string;
beforeEach(() => {
  path = inFolder('both.pcap');
  writeFileSync(path, pcap(packets(), { nanoseconds: true }));
});

const replay = (...args: readonly string[]) =>
  replayHere(['-r', path, '--rate', '0', ...LOCAL, ...args]);
const BOTH = ['--protocol', 'tcp,icmp'];

async function objectsOf(type: string, ...args: readonly string[]) {
  const { lines } = await replay('--format', 'ndjson', ...args);
  return lines.map((line) => JSON.parse(line)).filter((object) => object.type === type);
}

/** The first data of all is not known to be new. */
const [TCP_RTTS, ICMP_RTTS] = [ROUNDS - 1, ROUNDS];
const TCP_FIGURES = { rtt_min: TCP_MS * 1e6, rtt_max: TCP_MS * 1e6 };
const ICMP_FIGURES = { rtt_min: ICMP_MS * 1e6, rtt_max: ICMP_MS * 1e6 };

describe('the summary', () => {
  test('has figures of each protocol, and none of both', async () => {
    const [summary] = await objectsOf('summary', ...BOTH);
    expect(summary).toMatchObject({ samples: TCP_RTTS + ICMP_RTTS });
    expect(summary.protocols).toMatchObject([
      { protocol: 'TCP', beyond: { samples: TCP_RTTS, peers: 1, ...TCP_FIGURES } },
      { protocol: 'ICMP', beyond: { samples: ICMP_RTTS, peers: 1, ...ICMP_FIGURES } },
    ]);
    expect(summary).not.toHaveProperty('beyond');
    expect(summary).not.toHaveProperty('rtt_min');
  });

  test('for people has them below each other', async () => {
    const { stdout } = await replay('-q', ...BOTH);
    const headings = stdout.match(/^beyond .*$/gm);
    expect(headings).toEqual([
      `beyond the interface, TCP: ${TCP_RTTS} samples`,
      `beyond the interface, ICMP: ${ICMP_RTTS} samples`,
    ]);
    const [, tcp, icmp] = stdout.split(/^beyond .*$/m);
    expect(tcp).toMatch(/^ {2}all +29( +40\.0){5}$/m);
    expect(tcp).toMatch(/^ {2}10\.0\.0\.2 +1 +29( +40\.0){3}/m);
    expect(icmp).toMatch(/^ {2}all +30( +3\.00){5}$/m);
    expect(icmp).toMatch(/^ {2}10\.0\.0\.2 +1 +30( +3\.00){3}/m);
  });

  test('of one other than TCP alone says which', async () => {
    const [summary] = await objectsOf('summary', '--protocol', 'icmp');
    expect(summary.protocols).toMatchObject([{ protocol: 'ICMP', beyond: ICMP_FIGURES }]);
    expect(summary.protocols).toHaveLength(1);
  });

  test.each([[[]], [['--protocol', 'tcp']]])('of TCP alone is as ever (%j)', async (args) => {
    const [summary] = await objectsOf('summary', ...args);
    expect(summary).toMatchObject({ beyond: TCP_FIGURES, ...TCP_FIGURES });
    expect(summary).not.toHaveProperty('protocols');
    expect(summary.beyond).not.toHaveProperty('protocol');
  });
});

describe('an interval', () => {
  test('has a row of each protocol', async () => {
    const { lines } = await replay(...BOTH, '--interval', '1h');
    expect(lines).toEqual([
      'time      side     protocol samples p50_ms p90_ms p99_ms max_ms overdue retrans',
      '22:13:22  beyond   TCP           29   40.0   40.0   40.0   40.0       0       -',
      '22:13:22  beyond   ICMP          30   3.00   3.00   3.00   3.00       0       -',
    ]);
  });

  test('has an object of each, and of its hosts', async () => {
    const objects = await objectsOf('interval', ...BOTH, '--interval', '1h', '--by', 'peer');
    const key = (protocol: string, src_ip?: string) => ({ protocol, ...(src_ip && { src_ip }) });
    expect(objects).toMatchObject([
      { ...key('TCP'), path: TCP_FIGURES, peers: 1 },
      { ...key('TCP', SERVER.address), path: TCP_FIGURES },
      { ...key('ICMP'), path: ICMP_FIGURES, peers: 1 },
      { ...key('ICMP', SERVER.address), path: ICMP_FIGURES },
    ]);
  });

  test('has a row of CSV of each, with a column', async () => {
    const { lines } = await replay('--format', 'csv', ...BOTH, '--interval', '1h');
    const rows = lines.map((line) => line.split(','));
    expect(rows.map((row) => row.slice(3, 7).join(','))).toEqual([
      'side,protocol,src_ip,samples',
      'beyond,TCP,,29',
      'beyond,ICMP,,30',
    ]);
  });

  test('of TCP alone names no protocol', async () => {
    const [object] = await objectsOf('interval', '--interval', '1h');
    expect(object).toMatchObject({ samples: TCP_RTTS, path: TCP_FIGURES });
    expect(object).not.toHaveProperty('protocol');
    const { lines } = await replay('--format', 'csv', '--interval', '1h');
    expect(lines[0]).not.toContain('protocol');
  });
});

describe('what the core counts', () => {
  test.each(['prefix', 'interface', 'none'])('is told of each by itself, by %s', async (by) => {
    const args = ['--aggregate', '1h', '--aggregate-by', by];
    const objects = await objectsOf('aggregate', ...BOTH, ...args);
    expect(objects).toMatchObject([
      { protocol: 'TCP', samples: TCP_RTTS, ...TCP_FIGURES, sent_packets: ROUNDS },
      { protocol: 'ICMP', samples: ICMP_RTTS, ...ICMP_FIGURES, sent_packets: ROUNDS },
    ]);
  });

  test('for people has a column of it', async () => {
    const { lines } = await replay(...BOTH, '--aggregate', '1h');
    expect(lines.map((line) => line.split(/ +/).slice(1, 5).join(' '))).toEqual([
      'side protocol samples p50_ms',
      expect.stringMatching(/^beyond TCP 29 (39|40)\.\d$/),
      expect.stringMatching(/^beyond TCP 29 (39|40)\.\d$/),
      expect.stringMatching(/^beyond ICMP 30 [23]\.\d+$/),
      expect.stringMatching(/^beyond ICMP 30 [23]\.\d+$/),
    ]);
  });

  test('of TCP alone names no protocol', async () => {
    const [object, ...others] = await objectsOf('aggregate', '--aggregate', '1h');
    expect(object).toMatchObject({ samples: TCP_RTTS, ...TCP_FIGURES });
    expect(others).toEqual([]);
    expect(object).not.toHaveProperty('protocol');
  });

  test('without room each has others of its own', async () => {
    const args = ['--aggregate', '1h', '--max-aggregates', '1'];
    const objects = await objectsOf('aggregate', ...BOTH, ...args);
    const told = objects.map(({ protocol, others, samples }) => [protocol, others, samples]);
    // The first answer of all is a ping's.
    expect(told).toEqual([
      ['TCP', true, TCP_RTTS],
      ['ICMP', undefined, ICMP_RTTS],
    ]);
  });
});

describe('--until', () => {
  test.each([[[]], [['--aggregate', '500ms']]])('is of each by itself (%j)', async (args) => {
    // Of both together a half would be above.
    const ended = await replay(...BOTH, '--until', 'p90<10ms', ...args, '-q');
    expect(ended.code).toBe(10);
    expect(ended.stderr).toMatch(/ended: p90 was 3\.\d+ ms over 2\d ICMP RTTs/);
    const tcp = await replay(...BOTH, '--until', 'min>10ms', ...args, '-q');
    expect(tcp.stderr).toMatch(/ended: min was (39|40)\.\d+ ms over 2\d TCP RTTs/);
  });

  test('what no protocol has enough RTTs for is not judged, and the nearest is named', async () => {
    const { code, stderr } = await replay(...BOTH, '--until', 'p99>1s', '-q');
    expect(code).toBe(0);
    expect(stderr).toContain(
      'p99>1s could not be evaluated: it needs 100 ICMP RTTs, but there were at most 30',
    );
  });

  test('of TCP alone says RTTs as ever', async () => {
    const { stderr } = await replay('--until', 'p90<50ms', '-q');
    expect(stderr).toMatch(/ended: p90 was 40\.\d+ ms over 20 RTTs/);
  });
});
