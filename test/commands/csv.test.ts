/** --format csv over a capture, as users of the command meet it: what NDJSON says, in rows. */
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { linesOf } from '../helpers/command/cli.js';
import { replayHere, runHere } from '../helpers/command/in-process.js';
import { tableOf } from '../helpers/output/csv.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const LAB = join(repositoryRoot, 'examples/lab.pcap');
const MISSING = join(repositoryRoot, 'examples/no-such.pcap');
const inFolder = useTemporaryFolder();

const replay = (...args: readonly string[]) => replayHere(['-r', LAB, '--rate', '0', ...args]);

/** As text: timestamps have more digits than doubles. */
function fieldsOf(line: string): Record<string, string> {
  const exact = line.replace(/"timestamp":(\d+)/, '"timestamp":"$1"');
  const fields = Object.entries(JSON.parse(exact)).filter(([name]) => name !== 'type');
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value)]));
}

/** What NDJSON leaves out where it is nothing unusual. */
const USUAL = {
  ...{ handshake: 'false', keep_alive: 'false', samples: '1' },
  ...Object.fromEntries(
    ['sent_', 'rec_'].flatMap((direction) =>
      ['retransmitted_packets', 'retransmitted_bytes', 'reordered_packets']
        .concat(['duplicate_acks', 'zero_windows'])
        .map((name) => [direction + name, '0']),
    ),
  ),
};

test.each([[[]], [['--report-interval', '1s']], [['--local', '10.77.0.1']]])(
  'has each RTT of NDJSON in a row, with its fields: %j',
  async (args) => {
    const ndjson = await replay('--format', 'ndjson', ...args);
    const objects = ndjson.lines.filter((line) => line.startsWith('{"type":"rtt",')).map(fieldsOf);
    const { code, stdout } = await replay('--format', 'csv', ...args);
    expect(code).toBe(0);
    expect(objects.length).toBeGreaterThan(50);
    const rows = tableOf(stdout).map((row) =>
      Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== '')),
    );
    expect(rows).toEqual(
      objects.map((fields) => ({ ...USUAL, interval_min_rtt: fields.rtt, ...fields })),
    );
  },
);

test('of several captures each row names its own', async () => {
  const copy = inFolder('a "copy", later.pcap');
  copyFileSync(LAB, copy);
  const { stdout } = await replay('-r', copy, '--format', 'csv');
  expect(new Set(tableOf(stdout).map(({ capture }) => capture))).toEqual(new Set([LAB, copy]));
});

test('of several captures each row of an interval names its own', async () => {
  const copy = inFolder('copy.pcap');
  copyFileSync(LAB, copy);
  const args = ['-r', copy, '--format', 'csv', '--interval', '1h', '--by', 'interface'];
  const rows = tableOf((await replay(...args)).stdout);
  const named = rows.filter(({ side }) => side === rows[0]?.side);
  expect(named.map(({ places }) => places)).toEqual(['2', '', '']);
  expect(named.map(({ capture }) => capture).sort()).toEqual(['', LAB, copy].sort());
});

test('-o *.csv appends rows, below one header', async () => {
  const file = inFolder('run.csv');
  for (let run = 0; run < 2; run++) {
    expect(await runHere(['-r', LAB, '--rate', '0', '-o', file])).toMatchObject({ code: 0 });
  }
  const [header, ...rows] = linesOf(readFileSync(file, 'utf8'));
  expect(header).toMatch(/^timestamp,interface,/);
  expect(rows.slice(rows.length / 2)).toEqual(rows.slice(0, rows.length / 2));
  expect(rows.every((row) => /^\d{19},/.test(row))).toBe(true);
});

test('a capture that cannot be opened leaves the output without a header', async () => {
  const { code, stdout, stderr } = await replayHere(['-r', MISSING, '--format', 'csv']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(linesOf(stderr)).toHaveLength(1);
});

test('a report refuses it as no recording', async () => {
  const file = inFolder('run.csv');
  await runHere(['-r', LAB, '-o', file]);
  const { code, stderr } = await runHere(['report', file]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/run\.csv is not a pping recording; -o run\.ndjson makes one\n$/);
});

test('--interval has a row for each interval and side', async () => {
  const { stdout } = await replay('--format', 'csv', '--interval', '1s', '--by', 'peer');
  const rows = tableOf(stdout);
  const ndjson = await replay('--format', 'ndjson', '--interval', '1s', '--by', 'peer');
  const objects = ndjson.lines.map((line) => JSON.parse(line)).filter(({ interval }) => interval);
  expect(rows.map(({ src_ip, samples, path_rtt_p99 }) => [src_ip, samples, path_rtt_p99])).toEqual(
    objects.map(({ src_ip = '', samples, path }) => [
      src_ip,
      String(samples),
      String(path?.rtt_p99 ?? ''),
    ]),
  );
  expect(rows.length).toBeGreaterThan(1);
});
