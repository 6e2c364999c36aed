/** --interval over a capture, as users of the command meet it. */
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { replayHere, runHere } from '../helpers/command/in-process.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const MS = 1_000_000n;
const BASE = 1_700_000_000n * 1_000_000_000n;
const LOCAL = ['--local', CLIENT.address];

/** Each 100 ms data, from 0 to 2 s and from 6 to 8 s; answered after 10 ms, later after 30. The first is not known to be new. */
function transfer(): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  const add = (ms: number, isAnswer: boolean, segment: Segment) => {
    const [from, to] = isAnswer ? [SERVER, CLIENT] : [CLIENT, SERVER];
    packets.push({ time: BASE + BigInt(ms) * MS, frame: tcpFrame(from, to, segment) });
  };
  for (let n = 0; n < 40; n++) {
    const at = n < 20 ? 100 * n : 4_000 + 100 * n;
    const seq = 1000 + 100 * n;
    add(at, false, { seq, ack: 1, payload: 100, tsval: 1 + at, tsecr: 1 });
    const answered = at + (n < 20 ? 10 : 30);
    add(answered, true, { seq: 1, ack: seq + 100, tsval: answered, tsecr: 1 + at });
  }
  return packets;
}

let path: string;
beforeEach(() => {
  path = inFolder('transfer.pcap');
  writeFileSync(path, pcap(transfer(), { nanoseconds: true }));
});

const replay = (...args: readonly string[]) =>
  replayHere(['-r', path, '--rate', '0', ...LOCAL, ...args]);

async function objectsOf(...args: readonly string[]) {
  const { lines } = await replay('--format', 'ndjson', ...args);
  return lines.map((line) => JSON.parse(line));
}

const SAMPLES = [9, 10, 0, 0, 0, 0, 10, 10];

describe('for people', () => {
  test('a line per interval, silence too, and the summary as ever', async () => {
    const { code, lines, stderr } = await replay('--interval', '2s');
    expect(code).toBe(0);
    expect(lines).toEqual([
      'time      side    samples p50_ms p90_ms p99_ms max_ms overdue retrans',
      '22:13:22  beyond       19   10.0   10.0   10.0   10.0       0       -',
      '22:13:24  beyond        0      -      -      -      -       0       -',
      '22:13:26  beyond        0      -      -      -      -       0       -',
      '22:13:27  beyond       20   30.0   30.0   30.0   30.0       0       -',
    ]);
    expect(stderr).toMatch(
      /^39 samples of 1 flow\nbeyond the interface: 39 samples\n {2}RTT in ms .*\n {2}\D+39 +10\.0 +30\.0 /m,
    );
  });

  test('by peer each has its line', async () => {
    const { lines } = await replay('--interval', '4s', '--by', 'peer');
    expect(lines.map((line) => line.replace(/^.{8}/, '').replace(/ +/g, ' '))).toEqual([
      ' side samples p50_ms p90_ms p99_ms max_ms retrans peer',
      ' beyond 19 10.0 10.0 10.0 10.0 - all',
      ' beyond 19 10.0 10.0 10.0 10.0 - 10.0.0.2',
      ' beyond 20 30.0 30.0 30.0 30.0 - all',
      ' beyond 20 30.0 30.0 30.0 30.0 - 10.0.0.2',
    ]);
  });

  test('beside --stats, which goes to stderr', async () => {
    const { lines, stderr } = await replay('--interval', '5s', '--stats', '5s');
    expect(lines).toHaveLength(3);
    expect(stderr).toMatch(/^22:13:25\.000000 {2}19 samples of 1 flow$/m);
  });
});

describe('for programs', () => {
  test('an object per interval instead of the RTTs, and the summary', async () => {
    const objects = await objectsOf('--interval', '1s');
    expect(objects.map(({ type }) => type)).toEqual([...Array(8).fill('interval'), 'summary']);
    const intervals = objects.slice(0, -1);
    expect(intervals.map(({ samples }) => samples)).toEqual(SAMPLES);
    expect(intervals.map(({ interval }) => interval)).toEqual([...Array(7).fill(1e9), 930e6]);
    expect(intervals.map(({ path: rtts }) => rtts?.rtt_p50)).toEqual(
      SAMPLES.map((n, second) => (n === 0 ? undefined : second < 4 ? 10e6 : 30e6)),
    );
    const sum = intervals.reduce((all, { samples }) => all + samples, 0);
    expect(sum).toBe(objects.at(-1).samples);
  });

  test('of a side that is not known until there is an RTT', async () => {
    const { lines } = await replayHere([
      ...['-r', path, '--rate', '0', '--interval', '10ms', '--format', 'ndjson', '-s', '0.1'],
    ]);
    const sides = lines.slice(0, -1).map((line) => JSON.parse(line).side);
    expect([...new Set(sides)]).toEqual(['unknown']);
  });

  test('a clock that is set back goes on with the next interval', async () => {
    const back = transfer().map(({ time, frame }) => ({ time: time - 3_600_000n * MS, frame }));
    writeFileSync(path, pcap([...transfer(), ...back], { nanoseconds: true }));
    const intervals = (await objectsOf('--interval', '1s')).slice(0, -1);
    expect(intervals.map(({ interval }) => interval).slice(0, -1)).toEqual(
      Array(intervals.length - 1).fill(1e9),
    );
    expect(intervals.reduce((all, { samples }) => all + samples, 0)).toBe(78);
  });

  test('a gap of a century has thousands of intervals, which are as long as it in all', async () => {
    const century = 100n * 31_556_952_000n * MS;
    const early = transfer().map(({ time, frame }) => ({ time: time - century / 4n, frame }));
    writeFileSync(path, pcap([...early, ...transfer()], { nanoseconds: true }));
    const intervals = (await objectsOf('--interval', '100ms')).slice(0, -1);
    expect(intervals.length).toBeLessThan(50_000);
    const length = intervals.reduce((all, { interval }) => all + interval, 0);
    expect(length / Number(century / 4n + 7_930n * MS)).toBeCloseTo(1, 9);
    expect(intervals.slice(-70).map(({ interval }) => interval)).toContain(100e6);
    expect(intervals.at(-3).interval).toBe(100e6);
  });
});

test('-o appends them to a file, and a report says what is wrong with it', async () => {
  const file = inFolder('run.ndjson');
  await runHere(['-r', path, '--interval', '1s', '-o', file]);
  const { code, stderr } = await runHere(['report', file]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^pping: run\.ndjson has no RTTs, only intervals; [^\n]*\n$/);
});
