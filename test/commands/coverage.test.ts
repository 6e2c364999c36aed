/** What could not be measured of a capture, and why, as users of the command meet it. */
import { writeFileSync } from 'node:fs';
import { beforeEach, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { type End, type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { replayHere } from '../helpers/command/in-process.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const MS = 1_000_000n;
const BASE = 1_700_000_000n * 1_000_000_000n;
const PAYLOAD = 1_400;
/** Of it only what is sent to it was captured. */
const UNHEARD: End = { address: '10.0.0.3', port: 443 };

/** An exchange with the server, another that it never answers, and an upload of which one direction is missing. */
function packets(): CapturedPacket[] {
  const all: CapturedPacket[] = [];
  const add = (ms: number, from: End, to: End, segment: Segment) =>
    all.push({ time: BASE + BigInt(ms) * MS, frame: tcpFrame(from, to, segment) });
  const open = (ms: number, port: number) => {
    const client = { ...CLIENT, port };
    add(ms, client, SERVER, { tsval: ms, tsecr: 1, seq: 1000, ack: 1 });
    add(ms + 1, SERVER, client, { tsval: 1, tsecr: ms, seq: 1, ack: 1000 });
    add(ms + 5, client, SERVER, { tsval: ms + 5, tsecr: 1, seq: 1000, ack: 1, payload: PAYLOAD });
    return client;
  };
  add(10, SERVER, open(1, 1001), { tsval: 9, tsecr: 6, seq: 1, ack: 1000 + PAYLOAD });
  open(20, 1002);
  for (let n = 0; n < 100; n++) {
    add(100 + n, CLIENT, UNHEARD, {
      tsval: n,
      tsecr: 1,
      seq: 1000 + PAYLOAD * n,
      payload: PAYLOAD,
    });
  }
  return all;
}

let path: string;
beforeEach(() => {
  path = inFolder('partly.pcap');
  writeFileSync(path, pcap(packets(), { nanoseconds: true }));
});

test('the summary has the share of a host that was measured, and hosts that were not', async () => {
  const { stderr } = await replayHere(['-r', path, '--rate', '0', '--format', 'human']);
  expect(stderr).toContain(
    '\n  10.0.0.2: 1 of 2 flows and 50 % of bytes measured (no answer seen)\n',
  );
  expect(stderr).toContain(
    '\nhosts without an RTT: 1 with 140.0 kB in 1 flow (seen in one direction only)\n',
  );
});

test('NDJSON has both, and each flow with its reasons', async () => {
  const { lines } = await replayHere(['-r', path, '--rate', '0', '--format', 'ndjson']);
  const objects = lines.map((line) => JSON.parse(line));
  expect(objects.filter(({ flow_event }) => flow_event === 'unmeasured')).toMatchObject([
    { src_port: 1002, unmeasured_dest: 'unanswered' },
    { dest_ip: '10.0.0.3', unmeasured_dest: 'one direction', rec_bytes: 100 * PAYLOAD },
  ]);
  expect(objects.find(({ final }) => final)).toMatchObject({
    unmeasured: { hosts: 1, flows: 1, bytes: 100 * PAYLOAD, reason: 'one direction' },
  });
});

test('--no-sequence says which hosts it leaves out', async () => {
  const bare = { options: Buffer.alloc(0), ack: 1, payload: PAYLOAD };
  const upload = Array.from({ length: 100 }, (_, n) => ({
    time: BASE + BigInt(n) * MS,
    frame: tcpFrame(CLIENT, SERVER, { ...bare, seq: 1000 + PAYLOAD * n }),
  }));
  writeFileSync(path, pcap([...packets(), ...upload], { nanoseconds: true }));
  const { stderr } = await replayHere(['-r', path, '--no-sequence', '--format', 'human']);
  expect(stderr).toMatch(
    /\n {2}10\.0\.0\.2: 1 of 3 flows and \d %.* \(no TCP timestamps;\n {4}--no-sequence excludes these\)\n/,
  );
});
