/** Captures that do not say on which side their packets were: what is taken for granted, and said. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { type End, type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { pping, repositoryRoot } from '../../lab/places.js';
import { type Outcome, replayHere } from '../helpers/command/in-process.js';
import { BASE, conversation } from '../helpers/core/replayed.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const NDJSON = ['--rate', '0', '--format', 'ndjson'];
const BOTH = 'sides unknown, so both are combined; separate them with --local <address or network>';
const BOTH_OF_STREAM = BOTH.replace(',', ' (standard input can be read only once),');
const LAB = join(repositoryRoot, 'examples/lab.pcap');

/** A handshake, a question of the client's and one of the server's: 5 ms to the server, 1 ms to the client. */
function connection(client: End, server: End): CapturedPacket[] {
  const steps: [number, boolean, number, Segment][] = [
    [0, true, 0, { seq: 999, flags: ['SYN'] }],
    [5, false, 10, { seq: 1_999, ack: 1_000, flags: ['SYN', 'ACK'] }],
    [6, true, 15, { seq: 1_000, ack: 2_000, payload: 100 }],
    [11, false, 16, { seq: 2_000, ack: 1_100, payload: 100 }],
    [12, true, 21, { seq: 1_100, ack: 2_100 }],
  ];
  return steps.map(([ms, isUp, tsecr, said]) => {
    const segment = { ...said, tsval: 10 + ms, tsecr };
    const [from, to] = isUp ? [client, server] : [server, client];
    return { time: BASE + BigInt(ms) * 1_000_000n, frame: tcpFrame(from, to, segment) };
  });
}

const server = (address: string): End => ({ address, port: 443 });
const client = (address: string): End => ({ address, port: 40_000 });

function capture(packets: readonly CapturedPacket[], name = 'x.pcap'): string {
  const sorted = [...packets].sort((a, b) => Number(a.time - b.time));
  const bytes = pcap(sorted, { nanoseconds: true });
  writeFileSync(inFolder(name), name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return inFolder(name);
}

/** What is said of sides, before the summary. */
function saidOf({ stderr }: Outcome): string[] {
  const lines = stderr.split('\n');
  const before = lines.slice(
    0,
    lines.findIndex((line) => / samples? of /.test(line)),
  );
  return before.filter((line) => /^sides unknown|^assuming/.test(line));
}

/** Of each RTT, whom it is of and on which side that is. */
function sidesOf({ lines }: Outcome): [string, boolean | undefined][] {
  return lines
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'rtt')
    .map(({ src_ip, match_on_egress }) => [src_ip, match_on_egress]);
}

const taken = (what: string) => [`assuming ${what}; override with --local`];

describe('where it is plain', () => {
  test('which host is in all flows', async () => {
    const flows = ['10.0.0.2', '192.0.2.2'].flatMap((address) =>
      connection(CLIENT, server(address)),
    );
    const outcome = await replayHere(['-r', capture(flows), ...NDJSON]);
    expect(saidOf(outcome)).toEqual(taken('10.0.0.1 is the local side (in all flows)'));
    expect(sidesOf(outcome)).toHaveLength(8);
    for (const [host, isBehind] of sidesOf(outcome)) expect(isBehind).toBe(host === '10.0.0.1');
  });

  test('which network opens all connections', async () => {
    const flows = ['10.0.0.1', '10.0.0.9'].flatMap((address) => [
      ...connection(client(address), server('192.0.2.1')),
      ...connection(client(address), server('192.0.2.2')),
    ]);
    const outcome = await replayHere(['-r', capture(flows, 'x.pcap.gz'), ...NDJSON]);
    expect(saidOf(outcome)).toEqual(
      taken('10.0.0.0/24 is the local side (it opens all connections)'),
    );
    expect(sidesOf(outcome)).toHaveLength(16);
    for (const [host, isBehind] of sidesOf(outcome)) expect(isBehind).toBe(host.startsWith('10.'));
  });

  test('of several captures as of one', async () => {
    const paths = ['10.0.0.2', '192.0.2.2'].map((address) =>
      capture(connection(CLIENT, server(address)), address),
    );
    const outcome = await replayHere(['-r', ...paths, ...NDJSON]);
    expect(saidOf(outcome)).toEqual(taken('10.0.0.1 is the local side (in all flows)'));
    expect(sidesOf(outcome)).toHaveLength(8);
  });

  test('of the connections that are measured', async () => {
    const flows = [
      ...connection(CLIENT, server('192.0.2.2')),
      ...connection(client('198.51.100.1'), SERVER),
    ];
    const path = capture(flows);
    expect(saidOf(await replayHere(['-r', path]))).toEqual([BOTH]);
    expect(saidOf(await replayHere(['-r', path, '--host', '192.0.2.2']))).toEqual(
      taken('10.0.0.1 is the local side (it opens all connections)'),
    );
  });

  test('nothing is left out for it, and the summary has both sides', async () => {
    const said = await replayHere(['-r', LAB, ...NDJSON]);
    const unsaid = await replayHere(['-r', LAB, ...NDJSON, '--local', '192.0.2.1']);
    expect(saidOf(said)).toEqual(
      taken('10.77.0.1 and fd77::1 are the local side (they open all connections)'),
    );
    const without = (lines: readonly string[]) =>
      lines
        .filter((line) => !line.startsWith('{"type":"summary"'))
        .map((line) => line.replace(/,"match_on_egress":(true|false)/, ''));
    expect(said.lines.filter((line) => line.includes('match_on_egress')).length).toBeGreaterThan(
      99,
    );
    expect(without(said.lines)).toEqual(without(unsaid.lines));
    expect(said.stderr).toMatch(/^beyond /m);
    expect(said.stderr).toMatch(/^behind /m);
  });

  test('what comes later may be of no side, and is measured', async () => {
    const flood = Array.from({ length: 2_000 }, (_, at) =>
      connection({ address: CLIENT.address, port: 10_000 + at }, server('192.0.2.1')),
    ).flat();
    const other = connection(client('198.51.100.1'), SERVER).map(({ time, frame }) => ({
      time: time + 1_000_000_000n,
      frame,
    }));
    const outcome = await replayHere(['-r', capture([...flood, ...other]), ...NDJSON]);
    expect(saidOf(outcome)).toEqual(taken('10.0.0.1 is the local side (it opens all connections)'));
    const sides = sidesOf(outcome);
    expect(sides).toHaveLength(4 * 2_001);
    expect(sides.filter(([, side]) => side === undefined)).toHaveLength(4);
  });

  test('intervals begin with the side that is expected', async () => {
    const idle = connection(CLIENT, SERVER).map(({ time, frame }, at) => ({
      time: at === 0 ? time - 900_000_000n : time,
      frame,
    }));
    const { lines } = await replayHere(['-r', capture(idle), '--interval', '500ms']);
    expect(lines[1]).toMatch(/ {2}beyond +0 /);
  });

  test('with -q, too', async () => {
    const { stderr } = await replayHere(['-r', LAB, '-q']);
    expect(stderr.split('\n')[0]).toMatch(/^assuming /);
  });
});

describe('where nothing is plain', () => {
  test('one line says so before the figures', async () => {
    const outcome = await replayHere(['-r', capture(conversation(3)), ...NDJSON]);
    expect(saidOf(outcome)).toEqual([BOTH]);
    expect(sidesOf(outcome)).toEqual(Array(3).fill(['10.0.0.2', undefined]));
  });

  test('standard input is not looked at: it can be read but once', () => {
    for (const input of [readFileSync(LAB), Buffer.alloc(0)] as Buffer[]) {
      const { stderr } = spawnSync(process.execPath, [pping, '-q', '-r', '-'], {
        input,
        encoding: 'utf8',
      });
      expect(stderr.startsWith(`${BOTH_OF_STREAM}\n`)).toBe(input.length > 0);
    }
  });

  test('of a file and standard input, the file is', () => {
    const input = pcap(connection(CLIENT, server('192.0.2.2')), { nanoseconds: true });
    const args = [pping, '-q', '-r', '-', '-r', capture(connection(CLIENT, SERVER))];
    const { stderr } = spawnSync(process.execPath, args, { input, encoding: 'utf8' });
    expect(stderr.split('\n')[0]).toBe(
      taken('10.0.0.1 is the local side (it opens all connections)')[0],
    );
    expect(stderr).not.toContain('sides unknown');
  });
});

describe('where --local does not tell', () => {
  const remarks = ({ stderr }: Outcome) =>
    stderr.split('\n').filter((line) => line.includes('--local matches'));

  test.each([
    ['192.0.2.1', ['3 of 3 samples have no side: --local matches neither or both of their ends']],
    ['10.0.0.0/8', ['3 of 3 samples have no side: --local matches neither or both of their ends']],
    ['10.0.0.1', []],
  ])('--local %s', async (local, expected) => {
    const path = capture(conversation(3));
    expect(remarks(await replayHere(['-r', path, ...NDJSON, '--local', local]))).toEqual(expected);
  });

  test('of some, it says how many; without --local nothing', async () => {
    const other = connection(client('198.51.100.1'), server('192.0.2.2'));
    const path = capture([...connection(CLIENT, SERVER), ...other]);
    expect(remarks(await replayHere(['-r', path, ...NDJSON, '--local', '10.0.0.1']))).toEqual([
      '4 of 6 samples have no side: --local matches neither or both of their ends',
    ]);
    expect(remarks(await replayHere(['-r', path, ...NDJSON]))).toEqual([]);
  });
});

describe('nothing is said', () => {
  const quietly = async (...args: string[]) => expect(saidOf(await replayHere(args))).toEqual([]);

  test('of captures without a packet, or without an RTT', async () => {
    await quietly('-r', capture([]));
    await quietly('-r', capture(conversation(1).slice(0, 1)));
    const udp = tcpFrame(CLIENT, SERVER, {}, { protocol: 17 });
    await quietly('-r', capture([{ time: BASE, frame: udp }]));
  });

  test('where the user says it, whether that is so or not', async () => {
    await quietly('-r', LAB, '--local', '10.77.0.1');
    await quietly('-r', LAB, '--local', '192.0.2.1');
  });

  test('of a connection of a host with itself, which has one side', async () => {
    await quietly('-r', capture(conversation(3, {}, [CLIENT, { ...CLIENT, port: 80 }])));
  });

  test('where the capture says it', async () => {
    const ng = new Pcapng();
    const direction = (at: number) => ng.option(2, ng.words(at % 2 === 0 ? 2 : 1));
    const blocks = [
      ng.section(),
      ng.interface(1, ng.option(9, Buffer.from([9]))),
      ...connection(CLIENT, SERVER).map(({ time, frame }, at) =>
        ng.packet(0, time, frame, frame.length, Buffer.concat([direction(at)])),
      ),
    ];
    writeFileSync(inFolder('x.pcapng'), Buffer.concat(blocks));
    const outcome = await replayHere(['-r', inFolder('x.pcapng'), ...NDJSON]);
    expect(saidOf(outcome)).toEqual([]);
    expect(sidesOf(outcome).map(([, side]) => side)).toEqual([false, true, false, true]);
  });
});
