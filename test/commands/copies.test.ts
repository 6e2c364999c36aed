/** What docs/http-output.md says to name a line does name it: no two lines of a run have it in common. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import { repositoryRoot } from '../../lab/places.js';
import { replayHere } from '../helpers/command/in-process.js';
import { BASE, conversation } from '../helpers/core/replayed.js';
import { codeIn, readDocument, tableBelow } from '../helpers/documents/documents.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { dnsCapture } from '../helpers/packets/dns-capture.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const MS = 1_000_000n;
const inFolder = useTemporaryFolder();

/** By type, the fields that name its lines. */
const KEYS = new Map(
  tableBelow(readDocument('docs/http-output.md'), 'The same line twice').flatMap(
    ([type = '', fields = '']) => codeIn(type).map((name) => [name, codeIn(fields)] as const),
  ),
);

/** Data of both ends that nothing acknowledges, several segments of each, and a later packet of another connection. */
function unanswered(): CapturedPacket[] {
  const data = (at: number, tsval: number, seq: number) => ({
    tsval,
    tsecr: 1,
    seq: seq + 100 * at,
    payload: 100,
  });
  const lost = Array.from({ length: 5 }, (_, at) => at + 1).flatMap((at) => {
    const time = BASE + BigInt(1_000 + 100 * at) * MS;
    return [
      { time, frame: tcpFrame(CLIENT, SERVER, data(at, 500 + at, 10_000)) },
      {
        time: time + MS,
        frame: tcpFrame(SERVER, CLIENT, { ...data(at, 700 + at, 0), ack: 3_100 }),
      },
    ];
  });
  const other = { ...CLIENT, port: CLIENT.port + 1 };
  const later = {
    time: BASE + 60_000n * MS,
    frame: tcpFrame(other, SERVER, { tsval: 1, tsecr: 1 }),
  };
  return [...conversation(3), ...lost, later];
}

function resolved(): Buffer {
  const answers = Array.from({ length: 9 }, (_, at) => (at < 3 ? undefined : { ms: at, rcode: 0 }));
  return dnsCapture(BASE, [{ client: '10.0.0.1', resolver: '192.0.2.53', answers }]);
}

describe.each<[string, () => string]>([
  ['the example', () => join(repositoryRoot, 'examples/lab.pcap')],
  ['QUIC that spins', () => join(repositoryRoot, 'test/captures/quic-spin.pcap')],
  ['data without an answer', () => written('data.pcap', pcap(unanswered()))],
  ['DNS', () => written('dns.pcap', resolved())],
])('%s', (_, capture) => {
  test.each([[[]], [['--aggregate', '1s', '--events']], [['--interval', '1s']]])(
    '%j',
    async (more) => {
      const waiting = ['--timestamp-timeout', '2s', '--cleanup-interval', '1s'];
      const options = ['--protocol', 'all', '-l', '--rate', '0', ...waiting, ...more];
      const { lines } = await replayHere(['-r', capture(), ...options, '--format', 'ndjson']);
      expect(lines.length).toBeGreaterThan(3);
      const named = lines.map(nameOf);
      expect(named.filter((name, at) => named.indexOf(name) !== at)).toEqual([]);
      for (const { type } of lines.map((line) => JSON.parse(line))) seen.add(type);
    },
  );
});

test('they had lines of each type that has a key', () => {
  expect([...KEYS.keys()].filter((type) => !seen.has(type))).toEqual([]);
  expect(seen.has('summary')).toBe(true);
});

/** Types of lines. */
const seen = new Set<string>();

function nameOf(line: string): string {
  const fields = JSON.parse(line);
  const key = KEYS.get(fields.type);
  return key ? [fields.type, ...key.map((name) => String(fields[name]))].join(' ') : line;
}

function written(name: string, bytes: Buffer): string {
  writeFileSync(inFolder(name), bytes);
  return inFolder(name);
}
