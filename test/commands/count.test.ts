/** -c over a capture with response times of DNS: it counts what the format prints. */
import { writeFileSync } from 'node:fs';
import { beforeEach, expect, jest, test } from '@jest/globals';
import { dnsFrame } from '../../lab/kernel/dns-packets.js';
import { echoFrame } from '../../lab/kernel/packets.js';
import { replayHere } from '../helpers/command/in-process.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();
const MS = 1_000_000n;
const BASE = 1_700_000_000n * 1_000_000_000n;
const CLIENT = '192.0.2.1';
const NAME = ['www', 'example'];
const RESOLVER = { address: '198.51.100.53', port: 53 };

/** In turns a query and a ping, each answered at once. */
function packets(): CapturedPacket[] {
  return Array.from({ length: 20 }, (_, n) => {
    const asker = { address: CLIENT, port: 40_000 + n };
    const echo = { id: 4711, sequence: n } as const;
    const frames = [
      dnsFrame(asker, RESOLVER, { id: n, name: NAME }),
      dnsFrame(RESOLVER, asker, { id: n, name: NAME, response: true }),
      echoFrame(CLIENT, RESOLVER.address, { kind: 'request', ...echo }),
      echoFrame(RESOLVER.address, CLIENT, { kind: 'reply', ...echo }),
    ];
    return frames.map((frame, at) => ({ time: BASE + BigInt(10 * n + at) * MS, frame }));
  }).flat();
}

let path: string;
beforeEach(() => {
  path = inFolder('both.pcap');
  writeFileSync(path, pcap(packets(), { nanoseconds: true }));
});

const replay = (...args: readonly string[]) =>
  replayHere(['-r', path, '--rate', '0', '--protocol', 'dns,icmp', '-c', '6', ...args]);

test.each(['csv', 'ppviz', 'pping'])('%s has that many RTTs', async (format) => {
  const { code, lines } = await replay('--format', format);
  expect(code).toBe(0);
  const rtts = lines.filter((line) => /icmp/i.test(line) && !line.includes('opening'));
  expect(rtts).toHaveLength(6);
});

test.each(['human', 'ndjson'])('%s has that many RTTs and response times', async (format) => {
  const { lines } = await replay('--format', format);
  const told = lines.filter(
    (line) => !/"(flow|summary)"| (opened|already open|first seen)$/.test(line),
  );
  expect(told.filter((line) => line.includes('DNS'))).toHaveLength(3);
  expect(told.filter((line) => line.includes('ICMP'))).toHaveLength(3);
});
