/** A route that changes in a capture, as users of the command meet it. */
import { writeFileSync } from 'node:fs';
import { beforeEach, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { replayHere } from '../helpers/command/in-process.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const MS = 1_000_000n;
const BASE = 1_700_000_000n * 1_000_000_000n;
const CHANGE_MS = 60_000;

/** Each 600 ms data for 11 minutes; answered after 10 ms, and from the second minute on after 60. No queue. */
function transfer(): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  const add = (ms: number, isAnswer: boolean, segment: Segment) => {
    const [from, to] = isAnswer ? [SERVER, CLIENT] : [CLIENT, SERVER];
    packets.push({ time: BASE + BigInt(ms) * MS, frame: tcpFrame(from, to, segment) });
  };
  add(0, false, { flags: ['SYN'], seq: 999, tsval: 1, tsecr: 0 });
  add(10, true, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, tsval: 1, tsecr: 1 });
  add(10, false, { seq: 1000, ack: 1, tsval: 11, tsecr: 1 });
  for (let n = 0; n < 1_100; n++) {
    const at = 1_000 + 600 * n;
    const seq = 1000 + 100 * n;
    add(at, false, { seq, ack: 1, payload: 100, tsval: at, tsecr: 1 });
    const answered = at + (at < CHANGE_MS ? 10 : 60);
    add(answered, true, { seq: 1, ack: seq + 100, tsval: answered, tsecr: at });
  }
  return packets;
}

let path: string;
beforeEach(() => {
  path = inFolder('route.pcap');
  writeFileSync(path, pcap(transfer(), { nanoseconds: true }));
});

async function objectsOf(...args: readonly string[]) {
  const { lines } = await replayHere(['-r', path, '--format', 'ndjson', ...args]);
  return lines.map((line) => JSON.parse(line));
}

test('NDJSON tells of it once, in the place of the RTTs, and min_rtt follows', async () => {
  const objects = await objectsOf();
  const change = objects.filter(({ type }) => type === 'route');
  expect(change).toMatchObject([{ src_ip: SERVER.address, former_min_rtt: 10e6, min_rtt: 60e6 }]);
  const after = (at: number) => (at - Number(BASE)) / 1e9;
  expect(after(change[0].since)).toBeGreaterThan(CHANGE_MS / 1000);
  expect(after(change[0].since)).toBeLessThan(CHANGE_MS / 1000 + 31);
  expect(after(change[0].timestamp)).toBeLessThan(CHANGE_MS / 1000 + 331);
  const leasts = objects.filter(({ type }) => type === 'rtt').map(({ min_rtt }) => min_rtt);
  expect([...new Set(leasts)]).toEqual([10e6, 60e6]);
  // Half a window to a whole one of those at 60 ms.
  const followed = leasts.indexOf(60e6) * 0.6 - CHANGE_MS / 1000;
  expect(followed).toBeGreaterThan(149);
  expect(followed).toBeLessThan(301);
});

test('people are told, and the summary shows no queue', async () => {
  const { stderr, code } = await replayHere(['-r', path]);
  expect(code).toBe(0);
  expect(stderr).toMatch(
    /^\d\d:\d\d:\d\d\.\d{6} {2}10\.0\.0\.2: route changed: min RTT 10\.0 -> 60\.0 ms since \d\d:\d\d:\d\d\.\d{6}$/m,
  );
  const row = /^ {2}10\.0\.0\.2 .*$/m.exec(stderr)?.[0].trim().split(/ +/);
  expect(row?.slice(3, 7)).toEqual(['10.0', '60.0', '60.0', '0.000']);
});

test('with a shorter window sooner; without one it is a queue, and no route', async () => {
  const [change] = (await objectsOf('--min-window', '30s')).filter(({ type }) => type === 'route');
  expect((change.timestamp - Number(BASE)) / 1e9).toBeLessThan(CHANGE_MS / 1000 + 34);
  const objects = await objectsOf('--min-window', '0');
  expect(objects.filter(({ type }) => type === 'route')).toEqual([]);
  expect(objects.findLast(({ type }) => type === 'rtt')).toMatchObject({ min_rtt: 10e6 });
});
