// What pping's lines take on the way to a server: a capture is replayed, and sent to a server that only counts.
// `make bench-fleet`; docs/fleet.md has the figures. Sizes are the same each time: nothing else need be idle.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { pping, repositoryRoot } from '../lab/places.js';
import { CLIENT, type Traffic, writeFleetCapture } from './fleet-capture.js';

const FOLDER = join(repositoryRoot, 'build/fleet');
const BUSY: Traffic = { networks: 500, hostsInEach: 4, seconds: 60 };

const FORMS = {
  'each RTT': [],
  'RTTs, --report-interval 10s': ['--report-interval', '10s'],
  'aggregates of /24, 10s': ['--aggregate', '10s'],
  'aggregates of hosts, 10s': ['--aggregate', '10s', '--aggregate-v4', '32'],
  'aggregates of /24, 1m': ['--aggregate', '1m'],
  'aggregates of all, 10s': ['--aggregate', '10s', '--aggregate-by', 'none'],
  'intervals, 10s': ['--interval', '10s'],
};

mkdirSync(FOLDER, { recursive: true });
const capture = join(FOLDER, 'fleet.pcap');
writeFleetCapture(capture, BUSY);
const rows: Record<string, Sizes> = {};
for (const [form, options] of Object.entries(FORMS)) rows[form] = await sizesOf(options);
console.table(rows);

/** Of the lines that are what the form is about: of RTTs, not of openings and the summary. */
interface Sizes {
  readonly lines: number;
  readonly 'bytes/line': number;
  /** As sent, of a line: of all bodies, by the share that these lines have of the text. */
  readonly 'gzip/line': number;
  readonly batches: number;
  /** In a line. */
  readonly buckets: number;
}

async function sizesOf(options: readonly string[]): Promise<Sizes> {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(Buffer.concat(await request.toArray()));
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await promisify(execFile)(pping, ['-r', capture, '--local', CLIENT, '-o', url, ...options]);
  server.close();
  return summed(bodies);
}

function summed(bodies: readonly Buffer[]): Sizes {
  const text = Buffer.concat(bodies.map((body) => gunzipSync(body))).toString();
  const lines = text.split('\n').filter((line) => /^{"type":"(rtt|aggregate|interval)"/.test(line));
  const bytes = lines.reduce((sum, line) => sum + line.length + 1, 0);
  const sent = bodies.reduce((sum, { length }) => sum + length, 0);
  const buckets = lines.reduce((sum, line) => sum + bucketsIn(line), 0);
  return {
    lines: lines.length,
    'bytes/line': Math.round(bytes / lines.length),
    'gzip/line': Math.round((sent * bytes) / text.length / lines.length),
    batches: bodies.length,
    buckets: Math.round((10 * buckets) / lines.length) / 10,
  };
}

function bucketsIn(line: string): number {
  return (JSON.parse(line) as { buckets?: unknown[] }).buckets?.length ?? 0;
}
