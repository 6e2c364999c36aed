/** The command over captures, as its users meet it: no root, the same output everywhere. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { frame, tcpFrame } from '../../lab/kernel/packets.js';
import { pping, repositoryRoot } from '../../lab/places.js';
import { STACK_TRACE } from '../../lab/stack-trace.js';
import { until } from '../../lab/until.js';
import { linesOf } from '../helpers/command/cli.js';
import { replayHere, runHere } from '../helpers/command/in-process.js';
import { BASE, conversation } from '../helpers/core/replayed.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const SECOND = 1_000_000_000n;
const DEADLINE_MS = 60_000;
const BOTH_SIDES =
  'sides unknown, so both are combined; separate them with --local <address or network>';

interface Run {
  readonly input?: Buffer;
  readonly env?: NodeJS.ProcessEnv;
  readonly program?: string;
}

/** As its users start it. */
function start(args: readonly string[], { input, env = {}, program = pping }: Run = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    ...(input ? { input } : {}),
    env: { ...process.env, ...env },
    maxBuffer: 1 << 28,
    timeout: DEADLINE_MS,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr, lines: linesOf(stdout) };
}

/** In a frame of Ethernet and IPv4. */
const [SOURCE_AT, TCP_AT] = [26, 34];

/** Within this process, but for that the same. */
const run = (args: readonly string[]) => (args.includes('-o') ? runHere : replayHere)(args);

/** Writes a capture. @returns its path */
function capture(packets: readonly CapturedPacket[], name = 'x.pcap'): string {
  const bytes = pcap(packets, { nanoseconds: true });
  writeFileSync(inFolder(name), name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return inFolder(name);
}

/** The same frame of another client. */
function ofFlow(frame: Buffer, flow: number, isSent: boolean): Buffer {
  const copy = Buffer.from(frame);
  copy.writeUInt16BE(1 + (flow % 60_000), isSent ? TCP_AT : TCP_AT + 2);
  copy[(isSent ? SOURCE_AT : SOURCE_AT + 4) + 2] = Math.floor(flow / 60_000);
  return copy;
}

const later = (packets: readonly CapturedPacket[], by: bigint) =>
  packets.map(({ time, frame }) => ({ time: time + by, frame }));

describe('the output', () => {
  test('for people: times are UTC, wherever that is', () => {
    const { code, stdout, stderr } = start(['-r', capture(conversation(1)), '--rate', '0'], {
      env: { TZ: 'Pacific/Kiritimati' },
    });
    expect(stdout).toBe(
      [
        '22:13:20.123456  TCP 10.0.0.1:40000 > 10.0.0.2:443 already open',
        '22:13:20.138888    5.432 ms    5.432 ms  TCP 10.0.0.1:40000 > 10.0.0.2:443',
        '',
      ].join('\n'),
    );
    expect(stderr.split('\n')).toEqual([
      `replaying ${inFolder('x.pcap')}, every identifier; times of day are UTC`,
      BOTH_SIDES,
      '1 sample of 1 flow',
      'side unknown: 1 sample',
      '  RTT in ms                RTTs      min      p50      p90      p99      max',
      '  all                         1     5.43     5.43     5.43     5.43     5.43',
      '  4.70-5.60 ms  ████████████████████████████████████████ 1',
      '  peer, ms flows samples    min    p50    p99 queueing retrans',
      '  10.0.0.2     1       1   5.43   5.43   5.43    0.000       -',
      '4 packets, 364 B',
      'measurable: 100 % of packets and 100 % of bytes',
      'no events lost',
      '',
    ]);
    expect(code).toBe(0);
  });

  test('with --verbose: what became of every packet', async () => {
    const { stderr } = await run(['-r', capture(conversation(1)), '--rate', '0', '-v']);
    expect(stderr.split('\n').slice(-7)).toEqual([
      '4 packets, 364 B',
      '  pure ACK            3   75.0 %',
      '  remembered          1   25.0 %',
      'measurable: 100 % of packets and 100 % of bytes',
      '1 identifier remembered: 1 answered, 0 unanswered, 0 still waiting',
      'no events lost',
      '',
    ]);
  });

  describe('with --quiet', () => {
    let quiet: string[];
    beforeEach(() => {
      quiet = ['-r', capture(conversation(1)), '--rate', '0', '-q'];
    });

    test('is the summary, and on standard error is only what it is of', () => {
      const { code, stdout, stderr } = start(quiet);
      expect(stdout).toMatch(
        /^2023-11-14 22:13:20 to 2023-11-14 22:13:20\n1 sample of 1 flow\nside [\s\S]*\nno events lost\n$/,
      );
      expect(stderr).toBe(`${BOTH_SIDES}\n`);
      expect(start([...quiet, '--local', '10.0.0.1']).stderr).toBe('');
      expect(code).toBe(0);
    });

    test('and -o goes to the file', () => {
      const output = inFolder('summary.txt');
      expect(start([...quiet, '-o', output])).toMatchObject({ code: 0, stdout: '' });
      expect(readFileSync(output, 'utf8')).toBe(start(quiet).stdout);
    });

    test('its dates are those of the first and the last packet, whether there are RTTs or not', () => {
      const late = conversation(1).map(({ time, frame }, at) => ({
        frame,
        time: time + BigInt(at) * 2_000_000_000n,
      }));
      const args = (...more: readonly string[]) => ['-r', capture(late), '-q', ...more];
      const dates = '2023-11-14 22:13:20 to 2023-11-14 22:13:26';
      expect(start(args()).stdout.split('\n').slice(0, 2)).toEqual([dates, '1 sample of 1 flow']);
      expect(start(args('--port', '9')).stdout.split('\n').slice(0, 2)).toEqual([
        dates,
        '0 samples of 0 flows',
      ]);
      expect(start(['-r', capture([]), '-q']).stdout).toMatch(/^0 samples of 0 flows\n/);
    });

    test('and NDJSON is an object; people are told as ever', () => {
      const { stdout, stderr } = start([...quiet, '--format', 'ndjson']);
      expect(linesOf(stdout)).toHaveLength(1);
      expect(JSON.parse(stdout)).toMatchObject({ type: 'summary', final: true, samples: 1 });
      const [, ...summary] = start(quiet).stdout.split('\n');
      expect(stderr).toBe(`${BOTH_SIDES}\n${summary.join('\n')}`);
    });
  });

  test('for programs: the fields of a live run, without interface and hook', async () => {
    const { lines } = await run([
      '-r',
      capture(conversation(1)),
      '--rate',
      '0',
      '--format',
      'ndjson',
    ]);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toBe(
      '{"type":"rtt","timestamp":1700000000138888889,"flow_id":1,"src_ip":"10.0.0.2","src_port":443' +
        ',"dest_ip":"10.0.0.1","dest_port":40000,"protocol":"TCP","rtt":5432100,"min_rtt":5432100' +
        ',"srtt":5432100,"rttvar":2716050,"sent_packets":2,"sent_bytes":100,"rec_packets":2,"rec_bytes":0' +
        ',"by":"timestamp","answer":"ack"}',
    );
    expect(JSON.parse(lines[2] ?? '')).toMatchObject({
      type: 'summary',
      final: true,
      counters: { captured: 4, egress: 0, ingress: 0, matched: 1 },
    });
  });

  test('with --local it says which side', async () => {
    const args = ['-r', capture(conversation(1)), '--rate', '0', '--format', 'ndjson'];
    const { lines, stderr } = await run([
      ...args,
      '--local',
      '192.0.2.1',
      '--local',
      '10.0.0.0/31',
    ]);
    expect(JSON.parse(lines[1] ?? '').match_on_egress).toBe(false);
    expect(stderr).toContain('4 packets, 364 B (2 egress, 2 ingress)');
  });
});

describe('the same bytes out', () => {
  const packets = conversation(2_000);
  const options = ['--rate', '20ms', '--report-interval', '30ms', '--stats', '7s'];
  const args = [...options, '--format', 'ndjson'];

  test('from a file, a stream, in pieces, compressed, again, and in another time zone', () => {
    const path = capture(packets);
    const bytes = readFileSync(path);
    const { stdout, code } = start(['-r', path, ...args]);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(100_000);
    const same = (other: { stdout: string; code: number | null }) => {
      expect(other.code).toBe(0);
      expect(other.stdout === stdout).toBe(true);
    };
    same(start(['-r', path, ...args], { env: { TZ: 'Asia/Tokyo' } }));
    same(start(['-r', '-', ...args], { input: bytes }));
    same(start(['-r', '-', ...args], { input: gzipSync(bytes) }));
    same(start(['-r', capture(packets, 'x.pcap.gz'), ...args]));
    const pieces = `cat ${path} | dd bs=777 2>/dev/null | ${pping} -r - ${args.join(' ')}`;
    same(start(['-e', shell(pieces)], { program: '--no-warnings' }));
  });

  test('to a file as to a pipe', () => {
    const path = capture(packets);
    start(['-r', path, ...args, '-o', inFolder('out')]);
    expect(readFileSync(inFolder('out'), 'utf8')).toBe(start(['-r', path, ...args]).stdout);
  });

  /** A command line, as a program of Node. */
  function shell(command: string): string {
    return `process.stdout.write(require('child_process').execSync(${JSON.stringify(command)}, { stdio: ['ignore', 'pipe', 'ignore'] }))`;
  }
});

describe('time is of the packets', () => {
  test('a flow that is idle is forgotten in the gap, not later', async () => {
    const path = capture([...conversation(1), ...later(conversation(1), 400n * SECOND)]);
    const { lines } = await run(['-r', path, '--rate', '0']);
    expect(lines.map((line) => line.replace(/^.*443 |^.*40000 ?/, ''))).toEqual([
      'already open',
      expect.anything(),
      'idle timeout',
      'already open',
      expect.anything(),
    ]);
    // The first sweep after 300 s of silence; sweeps count from the first packet.
    expect(lines[2]).toMatch(/^22:18:21\.123456/);
  });

  test('-s ends the run after so much of it', async () => {
    const { lines } = await run(['-r', capture(conversation(100)), '--rate', '0', '-s', '0.305']);
    expect(lines).toHaveLength(1 + 29);
  });

  test('-c ends it after so many RTTs, at just that packet', async () => {
    const path = capture(conversation(100));
    const { lines, stderr } = await run([
      '-r',
      path,
      '--rate',
      '0',
      '-c',
      '7',
      '--format',
      'ndjson',
    ]);
    expect(lines.filter((line) => line.includes('"rtt":'))).toHaveLength(7);
    expect(stderr).toContain('\n16 packets, 1.8 kB\n');
  });

  test('--stats tells at its intervals', async () => {
    const path = capture(
      Array.from({ length: 3 }, (_, n) => later(conversation(50), BigInt(n) * SECOND)).flat(),
    );
    const { lines } = await run(['-r', path, '--stats', '1s', '--format', 'ndjson']);
    const stats = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'summary');
    expect(stats.map(({ final, counters }) => [final, counters.captured])).toEqual([
      [false, 102],
      [false, 204],
      [true, 306],
    ]);
  });

  test('centuries between two packets take no time', async () => {
    const path = capture([...conversation(1), ...later(conversation(1), 2_200_000_000n * SECOND)]);
    const { code, lines } = await run([
      '-r',
      path,
      '--rate',
      '0',
      '--cleanup-interval',
      '10ms',
      '--stats',
      '1s',
      '--format',
      'ndjson',
    ]);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.includes('"rtt":'))).toHaveLength(2);
  });

  test('a clock that is set back is told; RTTs on both sides of it are right', async () => {
    const path = capture([...conversation(5), ...later(conversation(5), -3_600n * SECOND)]);
    const args = ['-r', path, '--rate', '0', '-v', '--format', 'ndjson'];
    const { code, lines, stderr } = await run(args);
    const rtts = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'rtt');
    expect(rtts.map(({ rtt }) => rtt)).toEqual(Array(10).fill(5_432_100));
    expect(stderr).toContain(
      `the clock of the capture goes back by 3600055.432 ms at 22:13:20.178888; measurement restarts from there; if captures were concatenated, sort the packets first: reordercap ${path} sorted.pcapng\n`,
    );
    expect(stderr).toContain(
      '10 identifiers remembered: 10 answered, 0 unanswered, 0 still waiting',
    );
    expect(code).toBe(0);
  });

  test('packets a little out of order are told', async () => {
    const [a, b, ...others] = conversation(2) as [CapturedPacket, CapturedPacket];
    const { stderr, code } = await run([
      '-r',
      capture([{ ...a, time: a.time + 2_000_000n }, b, ...(others as CapturedPacket[])]),
      ...['--reorder', '1ms'],
    ]);
    expect(stderr).toContain('1 packet out of time order in the capture, by up to 2.000 ms\n');
    expect(code).toBe(0);
  });

  test('the governor steps in, and tells', async () => {
    // Of each an answer to data is seen: others give way by themselves.
    const packets = Array.from({ length: 200 }, (_, index) => {
      const client = { address: `10.0.1.${index}`, port: 1 };
      const time = BASE + BigInt(index) * 20_000_000n;
      const frames = [1, 2].flatMap((tsval) => [
        tcpFrame(client, SERVER, { tsval, tsecr: 1, seq: 1000 * tsval, payload: 1000 }),
        tcpFrame(SERVER, client, { tsval: 1, tsecr: tsval, ack: 1000 * tsval + 1000 }),
      ]);
      return frames.map((frame, at) => ({ time: time + BigInt(at) * 1_000_000n, frame }));
    }).flat();
    const { stderr } = await run(['-r', capture(packets), '--max-flows', '100']);
    expect(stderr).toMatch(/idle flows are forgotten after 75s/);
  });
});

describe('a clock that leaps by decades', () => {
  const YEARS_56 = BASE - 10n * SECOND;

  /** A connection of 1970, and its packets once more today. */
  const leap = () =>
    capture([...later(conversation(1), -YEARS_56), ...later(conversation(1), SECOND)]);

  test('what is remembered over it costs no sweep for each second of it', async () => {
    const long = ['--flow-timeout', '50000000m', '--rate', '0', '--format', 'ndjson'];
    const { code, lines } = await run(['-r', leap(), ...long]);
    // The same connection, with identifiers that it has had.
    const last = JSON.parse(lines.at(-1) ?? '');
    expect([code, last]).toEqual([
      0,
      expect.objectContaining({ final: true, samples: 1, flows: 1, flow_entries: 1 }),
    ]);
  });

  test('Ctrl-C ends it, whatever is told in between', async () => {
    const output = inFolder('run.ndjson');
    const tell = ['--stats', '10ms', '--flow-timeout', '50000000m', '-o', output];
    const child = spawn(process.execPath, [pping, '-r', leap(), ...tell], { stdio: 'ignore' });
    const closed = once(child, 'close');
    const written = () => statSync(output, { throwIfNoEntry: false })?.size ?? 0;
    // What is told is written as it is told, and not kept until the end of the leap.
    await until(() => written() > 1 << 20, 'a mebibyte', DEADLINE_MS).catch(() => {});
    const size = written();
    child.kill('SIGINT');
    const killed = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    const ended = await closed;
    clearTimeout(killed);
    expect([ended, size > 1 << 20]).toEqual([[0, null], true]);
  });
});

describe('damage', () => {
  const whole = pcap(conversation(3), { nanoseconds: true });
  const [last] = conversation(1).slice(-1) as [CapturedPacket];

  test('cut short: what came before is reported, one line, exit 1', async () => {
    writeFileSync(inFolder('cut.pcap'), whole.subarray(0, whole.length - 1));
    const { code, lines, stderr } = await run(['-r', inFolder('cut.pcap'), '--rate', '0']);
    expect(lines).toHaveLength(3);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `pping: ${inFolder('cut.pcap')} is cut short: it ends within a record`,
    );
    expect(code).toBe(1);
  });

  test('compressed and cut short', async () => {
    const random = Buffer.from(Array.from({ length: 50_000 }, (_, index) => (index * 7919) % 251));
    const packets = [
      ...conversation(3),
      { time: last.time + SECOND, frame: frame(0x0806, random) },
    ];
    const compressed = gzipSync(pcap(packets, { nanoseconds: true }));
    writeFileSync(inFolder('cut.gz'), compressed.subarray(0, compressed.length - 20));
    const { code, stderr } = await run(['-r', inFolder('cut.gz'), '--rate', '0']);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^pping: .*cut\.gz is cut short: its compressed data ends too early$/,
    );
    expect(code).toBe(1);
  });

  test.each([1, 2, 50])(
    'compressed, and cut at 1/%d of it: all before is measured',
    async (part) => {
      const packets = conversation(4_000);
      const compressed = gzipSync(pcap(packets, { nanoseconds: true }));
      const cut = compressed.subarray(0, Math.ceil(compressed.length / part) - 1);
      writeFileSync(inFolder('cut.gz'), cut);
      const finishFlush = zlib.constants.Z_SYNC_FLUSH;
      const left = zlib.gunzipSync(cut, { finishFlush });
      writeFileSync(inFolder('cut.pcap'), left);
      const measured = (name: string) =>
        run(['-r', inFolder(name), '--rate', '0', '--format', 'ndjson']);
      const [ofCut, ofLeft] = [await measured('cut.gz'), await measured('cut.pcap')];
      expect(left.length).toBeGreaterThan(2_000);
      expect(ofCut.lines.length).toBeGreaterThan(5);
      expect(ofCut.stdout).toBe(ofLeft.stdout);
      expect(ofCut.code).toBe(1);
    },
  );

  test('a hole of zeros: what is around it is measured, one line says where, exit 1', async () => {
    const at = 24 + 2 * (16 + 66) + 2 * (16 + 166 + 16 + 66);
    const behind = pcap(conversation(6).slice(8), { nanoseconds: true }).subarray(24);
    const bytes = Buffer.concat([whole.subarray(0, at), Buffer.alloc(5_000), behind]);
    writeFileSync(inFolder('hole.pcap'), bytes);
    const { code, lines, stderr } = await run(['-r', inFolder('hole.pcap'), '--rate', '0']);
    expect(lines).toHaveLength(1 + 2 + 3);
    expect(stderr).not.toContain('goes back');
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      `pping: ${inFolder('hole.pcap')} is damaged: zeros instead of a record, at byte ${at}`,
    );
    expect(code).toBe(1);
  });

  test('from standard input', () => {
    const { code, stderr } = start(['-r', '-'], { input: whole.subarray(0, whole.length - 1) });
    expect(stderr).toContain('\npping: standard input is cut short: it ends within a record\n');
    expect(code).toBe(1);
  });

  test('a packet of before 1970 is left out, and told of', async () => {
    const ng = new Pcapng();
    const blocks = conversation(2).map(({ time, frame }) => ng.packet(0, time / 1_000n, frame));
    blocks.splice(3, 0, ng.packet(0, 2n ** 64n - 1n, last.frame));
    const bytes = Buffer.concat([ng.section(), ng.interface(), ...blocks]);
    writeFileSync(inFolder('x.pcapng'), bytes);
    const { code, lines, stderr } = await run(['-r', inFolder('x.pcapng'), '--rate', '0']);
    expect(lines).toHaveLength(1 + 2);
    expect(stderr).toContain('\n1 packet left out: dated before 1970 or far in the future\n');
    expect(code).toBe(0);
  });

  test('nothing that could be read', async () => {
    const ng = new Pcapng();
    const blocks = [ng.section(), ng.interface(189), ng.packet(0, 1n, last.frame)];
    writeFileSync(inFolder('x.pcapng'), Buffer.concat(blocks));
    const { code, stdout, stderr } = await run(['-r', inFolder('x.pcapng')]);
    expect(stdout).toBe('');
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(
      /^pping: cannot read .*x\.pcapng: link type 189 \(USB, Linux\) is not supported \(supported: /,
    );
    expect(code).toBe(2);
  });

  test.each([
    ['missing.pcap', 2, /^pping: \/.*missing\.pcap: no such file$/],
    ['.', 2, /^pping: \/.*: is a directory$/],
    ['empty', 2, /^pping: .*empty is empty$/],
    ['empty.gz', 2, /^pping: .*empty\.gz is empty once decompressed$/],
    ['text', 2, /^pping: cannot read .*text: not a pcap, pcapng or snoop file$/],
    ['short', 1, /^pping: .*short is cut short: it ends within its header$/],
    [
      'linktype',
      2,
      /^pping: cannot read .*linktype: link type 189 \(USB, Linux\) is not supported/,
    ],
  ])('%s: exit %d, one line', async (name, code, message) => {
    writeFileSync(inFolder('empty'), '');
    writeFileSync(inFolder('empty.gz'), gzipSync(''));
    writeFileSync(inFolder('text'), 'not a capture, but long enough to be one\n');
    writeFileSync(inFolder('short'), whole.subarray(0, 20));
    writeFileSync(inFolder('linktype'), pcap(conversation(1), { linkType: 189 }));
    const ended = await run(['-r', name === '.' ? inFolder('.') : inFolder(name)]);
    expect(ended).toMatchObject({ code, stdout: '' });
    expect(ended.stderr.trimEnd()).toMatch(message);
    expect(ended.stderr.trimEnd()).not.toContain('\n');
  });
});

test.each([
  ['-r /dev/null', '/dev/null is empty', 2],
  ['-r - < /dev/null', 'standard input is empty', 2],
  ['-r /dev/zero', 'cannot read /dev/zero: not a pcap, pcapng or snoop file', 2],
])('a device: %s', (args, message, code) => {
  const command = `exec ${process.execPath} ${pping} ${args}`;
  const options = { encoding: 'utf8', timeout: DEADLINE_MS } as const;
  const { status, stderr } = spawnSync('bash', ['-c', command], options);
  expect({ status, stderr }).toEqual({ status: code, stderr: `pping: ${message}\n` });
});

test('a terminal, by whatever name', () => {
  const options = { encoding: 'utf8', timeout: DEADLINE_MS } as const;
  for (const [path, name] of [
    ['-', 'standard input'],
    ['/dev/tty', '/dev/tty'],
  ] as const) {
    const command = `${process.execPath} ${pping} -r ${path}`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], options);
    expect(stdout.trim()).toBe(`pping: ${name} is a terminal: nothing to read there`);
  }
});

test.each([
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz -dc'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc'],
  ['bzip2', [0x42, 0x5a, 0x68, 0x39], 'bzip2 -dc'],
])('%s is not read: one line says how', async (format, magic, command) => {
  const path = inFolder('x.compressed');
  writeFileSync(path, Buffer.concat([Buffer.from(magic), Buffer.alloc(64, 7)]));
  const { code, stdout, stderr } = await run(['-r', path]);
  expect(stderr).toBe(`pping: cannot read ${format} here: ${command} ${path} | pping -r -\n`);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});

describe('as it is taken', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'what has come is told at once; %s ends it with a summary',
    async (signal) => {
      const bytes = pcap(conversation(3), { nanoseconds: true });
      const args = ['-r', '-', '--rate', '0'];
      const child = spawn(process.execPath, [pping, ...args], { stdio: 'pipe' });
      const output = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const) {
        child[name].setEncoding('utf8').on('data', (text: string) => {
          output[name] += text;
        });
      }
      // All of it but the last byte: the last answer is still to come.
      child.stdin.write(bytes.subarray(0, bytes.length - 1));
      await until(() => output.stdout.split('\n').length === 4, 'three lines', DEADLINE_MS);
      child.kill(signal);
      const hung = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
      const [code] = await once(child, 'close');
      clearTimeout(hung);
      expect(code).toBe(0);
      expect(output.stderr).toContain('2 samples of 1 flow');
      expect(output.stderr).not.toContain('the reader left');
    },
  );

  test('a reader that has seen enough is no fault, and the summary is said to be of a part', () => {
    // More than any buffer on the way.
    const path = capture(conversation(20_000));
    const command = `${process.execPath} ${pping} -r ${path} --rate 0 | head -n 3; echo $PIPESTATUS`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect(stderr).toMatch(
      /^the reader left after \d+ packets; the rest of the capture was not read\n\d+ samples of /m,
    );
    expect(stdout.split('\n').slice(0, -1)).toEqual([
      expect.stringContaining('already open'),
      expect.anything(),
      expect.anything(),
      '0',
    ]);
  });

  test('a slow reader loses nothing', async () => {
    const path = capture(conversation(20_000));
    const args = ['-r', path, '--rate', '0', '--format', 'ndjson'];
    const expected = start(args).stdout;
    // More than any buffer on the way.
    expect(expected.length).toBeGreaterThan(5 << 20);
    const slow = `${process.execPath} ${pping} ${args.join(' ')} | (sleep 0.5; cat)`;
    const { stdout } = spawnSync('bash', ['-c', slow], { encoding: 'utf8', maxBuffer: 1 << 28 });
    expect(stdout === expected).toBe(true);
  });

  test('what is told at the end of a part is written whole, however much it is', () => {
    const flows = 80_000;
    // That they are open until then is told at the end.
    const said = conversation(1).slice(0, 3);
    const packets = said.flatMap(({ time, frame }, at) =>
      Array.from({ length: flows }, (_, flow) => ({ time, frame: ofFlow(frame, flow, at !== 1) })),
    );
    const end = { time: BASE + 1_000_000_000n, frame: tcpFrame(SERVER, CLIENT) };
    const path = capture([...packets, end]);
    const args = `-r ${path} --rate 0 -s 500ms --format ndjson`;
    // Its reader rests just then, for as long as more is made than a sink holds.
    const rest = `/"unmeasured",/ && !rests++ { system("sleep 0.3") } /"unmeasured",/ { count++ }`;
    const slow = `${process.execPath} ${pping} ${args} | awk '${rest} END { print count }'`;
    const { stdout, stderr } = spawnSync('bash', ['-c', slow], { encoding: 'utf8' });
    expect(stderr).not.toContain('not written');
    expect(stdout).toBe(`${flows}\n`);
  });

  test('an output that cannot be written ends the run: one line, exit 1', async () => {
    const path = capture(conversation(2_000));
    const { code, stderr } = await run(['-r', path, '--rate', '0', '-o', '/dev/full']);
    expect(code).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.at(-1)).toMatch(/^pping: disk full: /);
    expect(lines.filter((line) => line.includes('disk full'))).toHaveLength(1);
    expect(stderr).toMatch(/^\d+ lines not written$/m);
    expect(stderr).not.toMatch(STACK_TRACE);
  });
});

describe('an output that is the capture', () => {
  const bytes = pcap(conversation(3), { nanoseconds: true });
  const name = () => inFolder('x.pcap');

  beforeEach(() => {
    writeFileSync(name(), bytes);
    symlinkSync(name(), inFolder('symbolic'));
    linkSync(name(), inFolder('hard'));
  });

  test.each([
    ['by the same name', () => ['-r', name(), '-o', name()]],
    ['through a symbolic link', () => ['-r', name(), '-o', inFolder('symbolic')]],
    ['through a hard link', () => ['-r', inFolder('hard'), '-o', name()]],
  ])('%s is refused, and the capture stays as it was', async (_, args) => {
    const { code, stdout, stderr } = await run(args());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^pping: .* is the capture itself, which [^\n]+\n$/);
    expect(readFileSync(name()).equals(bytes)).toBe(true);
  });

  test.each([
    ['on standard input', '-r - -o "$0" < "$0"'],
    ['on standard output', '-r "$0" >> "$0"'],
  ])('%s, too', (_, args) => {
    const command = `exec ${process.execPath} ${pping} ${args}`;
    const { status, stderr } = spawnSync('bash', ['-c', command, name()], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain(' is the capture itself');
    expect(readFileSync(name()).equals(bytes)).toBe(true);
  });

  test('a copy is another file', async () => {
    writeFileSync(inFolder('copy'), '');
    expect((await run(['-r', name(), '-o', inFolder('copy')])).code).toBe(0);
  });
});

test('-o /dev/null and -o - are what they are elsewhere', () => {
  const path = capture(conversation(3));
  const plain = start(['-r', path, '--rate', '0']);
  expect(start(['-r', path, '--rate', '0', '-o', '-'])).toEqual(plain);
  expect(start(['-r', path, '--rate', '0', '-o', '/dev/null'])).toMatchObject({
    code: 0,
    stdout: '',
  });
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

test('neither root nor an npm package is needed', () => {
  const copy = (path: string) =>
    cpSync(join(repositoryRoot, path), inFolder(path), { recursive: true });
  for (const path of ['package.json', 'bin', 'dist/pping', 'dist/bpf/replay_pping.wasm'])
    copy(path);
  const path = capture(conversation(1));
  const program = inFolder('bin/pping');
  const { code, lines } = start(['-r', path, '--rate', '0'], { program });
  expect({ code, lines: lines.length }).toEqual({ code: 0, lines: 2 });
});
