/** The command over several captures. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  linkSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, jest, test } from '@jest/globals';
import { pping } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { here, useCli } from '../helpers/command/cli.js';
import { replayHere, runHere } from '../helpers/command/in-process.js';
import { conversation } from '../helpers/core/replayed.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const start = useCli();
const DEADLINE_MS = 60_000;
const SECOND = 1_000_000_000n;
const NDJSON = ['--rate', '0', '--format', 'ndjson'];

const later = (packets: readonly CapturedPacket[], by: bigint) =>
  packets.map(({ time, frame }) => ({ time: time + by, frame }));

function capture(packets: readonly CapturedPacket[], name: string): string {
  const bytes = pcap(packets, { nanoseconds: true });
  writeFileSync(inFolder(name), name.endsWith('.gz') ? gzipSync(bytes) : bytes);
  return inFolder(name);
}

/** Of one moment, the second one a millisecond later. */
const two = (requests: number): [string, string] => [
  capture(conversation(requests), 'a.pcap'),
  capture(later(conversation(requests), 1_000_000n), 'b.pcap.gz'),
];

test('for people: each line says in which capture', async () => {
  const [a, b] = two(1);
  const { code, lines, stderr } = await replayHere(['-r', a, '-r', b, '--rate', '0']);
  expect(lines).toEqual([
    `22:13:20.123456  TCP 10.0.0.1:40000 > 10.0.0.2:443 already open  ${a}`,
    `22:13:20.124456  TCP 10.0.0.1:40000 > 10.0.0.2:443 already open  ${b}`,
    `22:13:20.138888    5.432 ms    5.432 ms  TCP 10.0.0.1:40000 > 10.0.0.2:443  ${a}`,
    `22:13:20.139888    5.432 ms    5.432 ms  TCP 10.0.0.1:40000 > 10.0.0.2:443  ${b}`,
  ]);
  expect(stderr).toMatch(`replaying ${a} and ${b}, every identifier; times of day are UTC\n`);
  expect(stderr).toContain('\n8 packets, 728 B\n');
  expect(code).toBe(0);
});

test('for programs: a field says it', async () => {
  const [a, b] = two(1);
  const { lines } = await replayHere(['-r', a, b, ...NDJSON]);
  const events = lines.map((line) => JSON.parse(line));
  expect(events.map((event) => [event.type, event.capture])).toEqual([
    ['flow', a],
    ['flow', b],
    ['rtt', a],
    ['rtt', b],
    ['summary', undefined],
  ]);
});

test('of many, the number is told', async () => {
  const paths = ['a', 'b', 'c', 'd'].map((name) => capture([], `${name}.pcap`));
  const { stderr, code } = await replayHere(['-r', ...paths]);
  expect(stderr.split('\n').slice(0, 2)).toEqual([
    `replaying ${paths[0]} and 3 others, at most one sample per flow and direction every 100ms; times of day are UTC`,
    `${paths[0]} and 3 others have no packets`,
  ]);
  expect(code).toBe(0);
});

describe('time is of all their packets', () => {
  test('-s, -c and --until end the run, wherever that is', async () => {
    const [a, b] = two(100);
    const rtts = async (...args: string[]) => {
      const { lines } = await replayHere(['-r', a, b, ...NDJSON, ...args]);
      return lines.filter((line) => line.includes('"type":"rtt"')).length;
    };
    expect(await rtts('-s', '0.305')).toBe(58);
    expect(await rtts('-c', '7')).toBe(7);
    expect(await rtts('--until', 'samples>=9')).toBe(9);
  });

  test('--local says which side, in each', async () => {
    const { lines } = await replayHere(['-r', ...two(1), '--local', '10.0.0.1', ...NDJSON]);
    const rtts = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'rtt');
    expect(rtts.map((event) => event.match_on_egress)).toEqual([false, false]);
  });

  test('a clock that goes back is told', async () => {
    const back = [...conversation(5), ...later(conversation(5), -3_600n * SECOND)];
    const paths = [capture(back, 'a.pcap'), capture(later(conversation(5), -1_000n), 'b.pcap')];
    const { stderr, lines } = await replayHere(['-r', ...paths, ...NDJSON]);
    expect(stderr).toContain('the clock of a capture goes back by 3600055.432 ms at ');
    expect(lines.filter((line) => line.includes('"type":"rtt"'))).toHaveLength(15);
  });
});

test('a stream that waits keeps nobody from what came before', async () => {
  const packets = conversation(100);
  const bytes = pcap(packets, { nanoseconds: true });
  const half = bytes.length - (50 * (bytes.length - 24)) / packets.length;
  const path = capture(later(packets, 1_000_000n), 'b.pcap');
  const output = inFolder('out.ndjson');
  const args = [pping, '-r', '-', '-r', path, '--rate', '0', '-o', output];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  const closed = once(child, 'close');
  const rtts = () => readFileSync(output, 'utf8').match(/"type":"rtt"/g)?.length ?? 0;
  child.stdin.write(bytes.subarray(0, Math.floor(half)));
  try {
    await until(
      () => {
        try {
          return rtts() > 100;
        } catch {
          return false;
        }
      },
      'RTTs',
      DEADLINE_MS,
    );
    expect(rtts()).toBeLessThan(160);
    child.stdin.end(bytes.subarray(Math.floor(half)));
    expect(await closed).toEqual([0, null]);
    expect(rtts()).toBe(200);
  } finally {
    child.kill('SIGKILL');
  }
});

test('one may be a file that standard input is redirected from', async () => {
  const [a, b] = two(10);
  const shell = ['-c', `${pping} -r - -r ${b} --rate 0 <${a}`];
  const { code, stdout, stderr } = await start(here, shell, { program: 'bash' }).ended;
  expect(stdout.match(/ms.*standard input$/gm)).toHaveLength(10);
  expect(stderr).toContain('\n44 packets, ');
  expect(code).toBe(0);
});

describe('what cannot be read', () => {
  test('damage of one: the others are measured, one line says whose, exit 1', async () => {
    const [a, b] = two(10);
    writeFileSync(a, readFileSync(a).subarray(0, -1));
    const { code, lines, stderr } = await replayHere(['-r', a, b, ...NDJSON]);
    expect(lines.filter((line) => line.includes('"type":"rtt"'))).toHaveLength(19);
    expect(stderr.split('\n').at(-2)).toBe(`pping: ${a} is cut short: it ends within a record`);
    expect(code).toBe(1);
  });

  test.each([
    ['no such file', () => inFolder('none.pcap'), '^pping: /.*none.pcap: no such file\n$'],
    ['no capture', () => textFile(), 'not a pcap, pcapng or snoop file'],
  ])('%s: one line, exit 2', async (_, path, message) => {
    const { code, stdout, stderr } = await replayHere(['-r', ...two(1), path()]);
    expect([code, stdout, stderr.split('\n').length]).toEqual([2, '', 2]);
    expect(stderr).toMatch(new RegExp(message));
  });

  test('an output that is one of them is refused', async () => {
    const [a, b] = two(1);
    linkSync(b, inFolder('out'));
    const { code, stderr } = await runHere(['-r', a, b, '-o', inFolder('out')]);
    expect(code).toBe(2);
    expect(stderr).toContain('is the capture itself');
  });

  test.each([
    ['the same name', (a: string) => a, 'was given twice'],
    ['another path', (a: string) => a.replace(/[^/]+$/, './$&'), 'are the same capture'],
    ['a symbolic link', (a: string) => linked(a, symlinkSync), 'are the same capture'],
    ['a hard link', (a: string) => linked(a, linkSync), 'are the same capture'],
  ])('one capture, twice, by %s: refused, not counted as two places', async (_, other, message) => {
    const [a, b] = two(1);
    const { code, stdout, stderr } = await replayHere(['-r', a, b, other(a)]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      message === 'was given twice'
        ? `pping: ${a} ${message}\n`
        : `pping: ${a} and ${other(a)} ${message}\n`,
    );
  });

  test.each([
    ['a file', (a: string) => `pping -r - -r ${a} <${a}`, 'standard input and .*a.pcap'],
    [
      'a pipe',
      (a: string) => `cat ${a} | pping -r /dev/stdin -r -`,
      '/dev/stdin and standard input',
    ],
  ])('nor %s by standard input and another name', async (_, command, names) => {
    const [a] = two(1);
    const shell = ['-c', `pping() { ${pping} "$@"; }; ${command(a)}`];
    const { code, stdout, stderr } = await start(here, shell, { program: 'bash' }).ended;
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(new RegExp(`^pping: ${names} are the same capture\\n$`));
  });

  test('devices and captures that are alike may be several', async () => {
    const [a] = two(10);
    copyFileSync(a, inFolder('copy.pcap'));
    const paths = [a, inFolder('copy.pcap'), '/dev/null', '/dev/null'];
    const { code, stderr } = await replayHere(['-r', ...paths]);
    expect(stderr).toContain('\n44 packets, ');
    expect(code).toBe(1);
  });

  function linked(path: string, link: (to: string, from: string) => void): string {
    const from = inFolder('other.pcap');
    if (!existsSync(from)) link(path, from);
    return from;
  }

  function textFile(): string {
    writeFileSync(inFolder('text'), 'not a capture');
    return inFolder('text');
  }
});
