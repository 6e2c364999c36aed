/** Losses of a capture, as users of the command meet them. */
import { writeFileSync } from 'node:fs';
import { beforeEach, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { linesOf } from '../helpers/command/cli.js';
import { replayHere } from '../helpers/command/in-process.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const MS = 1_000_000n;
const BASE = 1_700_000_000n * 1_000_000_000n;
const PAYLOAD = 1_400;

/** Each 10 ms data and 2 ms later its answer; in the third second one of five is sent again after 5 ms. */
function transfer(): CapturedPacket[] {
  const packets: CapturedPacket[] = [];
  const add = (ms: number, isAnswer: boolean, segment: Segment) => {
    const [from, to] = isAnswer ? [SERVER, CLIENT] : [CLIENT, SERVER];
    packets.push({ time: BASE + BigInt(ms) * MS, frame: tcpFrame(from, to, segment) });
  };
  add(0, false, { flags: ['SYN'], seq: 999, tsval: 1, tsecr: 0 });
  add(2, true, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, tsval: 1, tsecr: 1 });
  add(2, false, { seq: 1000, ack: 1, tsval: 3, tsecr: 1 });
  for (let n = 1; n <= 500; n++) {
    const [at, seq] = [10 * n, 1000 + PAYLOAD * (n - 1)];
    const data = { seq, ack: 1, payload: PAYLOAD, tsecr: 1 };
    add(at, false, { ...data, tsval: at });
    const isAgain = n > 200 && n <= 300 && n % 5 === 0;
    if (isAgain) add(at + 5, false, { ...data, tsval: at + 5 });
    add(at + 7, true, { seq: 1, ack: seq + PAYLOAD, tsval: at, tsecr: isAgain ? at + 5 : at });
  }
  add(5_010, false, { flags: ['RST'], seq: 1000 + PAYLOAD * 500, tsval: 1, tsecr: 1 });
  return packets;
}

let path: string;
beforeEach(() => {
  path = inFolder('transfer.pcap');
  writeFileSync(path, pcap(transfer(), { nanoseconds: true }));
});

test('NDJSON has them in RTTs, at the closing and in the summary', async () => {
  const { lines } = await replayHere(['-r', path, '--rate', '0', '--format', 'ndjson']);
  const objects = lines.map((line) => JSON.parse(line));
  const again = { retransmitted_packets: 20, retransmitted_bytes: 20 * PAYLOAD };
  const sent = Object.fromEntries(Object.entries(again).map(([key, n]) => [`sent_${key}`, n]));
  const rec = Object.fromEntries(Object.entries(again).map(([key, n]) => [`rec_${key}`, n]));
  expect(objects.findLast(({ type }) => type === 'rtt')).toMatchObject({
    src_port: SERVER.port,
    sent_bytes: 520 * PAYLOAD,
    ...sent,
  });
  expect(lines.filter((line) => line.includes('"rec_retransmitted_packets":0'))).toEqual([]);
  expect(objects.findLast(({ type }) => type === 'flow')).toMatchObject({
    flow_event: 'closing',
    src_port: CLIENT.port,
    rec_bytes: 520 * PAYLOAD,
    ...rec,
    sent_retransmitted_packets: 0,
  });
  expect(objects.at(-1).counters).toMatchObject({
    retransmitted_packets: 20,
    retransmitted_bytes: 20 * (PAYLOAD + 14 + 20 + 32),
    reordered_packets: 0,
  });
});

test('the summary has a line of them, and the peer its share', async () => {
  const { stderr } = await replayHere(['-r', path, '--rate', '0']);
  const lines = linesOf(stderr);
  expect(lines).toContain('20 packets retransmitted (3.7 % of bytes)');
  expect(lines.find((line) => /^ {2}10\.0\.0\.2 /.test(line))).toMatch(/ 3\.8%$/);
});

test('--interval shows when it was', async () => {
  const { lines } = await replayHere(['-r', path, '--rate', '0', '--interval', '1s']);
  const shares = lines.map((line) => line.split(/ +/)[8]);
  expect(shares.slice(0, 3)).toEqual(['retrans', '0%', '0%']);
  expect(shares[3]).toMatch(/^1[67]%$/);
  // The last of them was sent again at 3.005 s.
  expect(shares.slice(4)).toEqual(['1.0%', '0%', '-']);
  // The last interval is short, and ends in the second of the one before.
  expect(lines.at(-1)).toMatch(/ \(0\.\d+ s\)$/);
});

test.each([
  ['retrans>10%/1s', 10],
  ['retrans>3%', 10],
  ['retrans>10%', 0],
  ['retrans>20%/1s', 0],
])('--until %s ends with exit code %d', async (condition, expected) => {
  const { code, stderr } = await replayHere(['-r', path, '--until', condition]);
  expect(code).toBe(expected);
  const told = /^ended: retrans was [\d.]+ % over [\d.]+ kB/m;
  if (expected === 10) expect(stderr).toMatch(told);
  else expect(stderr).not.toContain('ended: ');
});

test('--until of a share that was never judged says so', async () => {
  const { code, stderr } = await replayHere(['-r', path, '--until', 'retrans>2%/1m']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^retrans>2%\/1m could not be evaluated: the run was too short$/m);
});
