/** Reading runs in whatever state they are, and writing a report as a whole or not at all. */
import { execFile, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync, inflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { Fault, UsageError } from '../../src/faults.js';
import { writeReport } from '../../src/report/report.js';
import type { RunFacts } from '../../src/report/run-facts.js';
import {
  type AggregateFields,
  aggregateLine,
  dnsLine,
  intervalLine,
  lossLine,
  openingLine,
  type RttFields,
  routeLine,
  rttLine,
  summaryLine,
} from '../helpers/events/runs.js';
import { READS_ZSTD, zstdFrame } from '../helpers/packets/zstd.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const file = useTemporaryFolder();
const TWO = rttLine({ atMs: 1, rtt: 1e6 }) + rttLine({ atMs: 2, rtt: 2e6, peer: '::1', flow: 2 });
const NOTHING = summaryLine(1).replace('"samples":1', '"samples":0');
const NOT_RECORDED = 'x.ndjson is not a pping recording; -o run.ndjson makes one';
const EVIL = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&`;

describe('what is read', () => {
  test('a plain file, and what it had is told', async () => {
    const { result, html } = await reportOf({ 'run.ndjson': TWO });
    expect(result).toEqual({
      samples: 2,
      flows: 2,
      peers: 2,
      skippedLines: 0,
      damage: [],
      remarks: [],
      bytes: Buffer.byteLength(html),
    });
  });

  test('a compressed one, as logrotate leaves it, and the one after it', async () => {
    const { result } = await reportOf({
      'run.ndjson.1.gz': gzipSync(TWO),
      'run.ndjson': rttLine({ atMs: 3, rtt: 3e6, flow: 2 }) + summaryLine(4),
    });
    expect(result).toMatchObject({ samples: 3, flows: 2, skippedLines: 0 });
  });

  test('zstd, or how to read it with this Node.js', async () => {
    writeFileSync(file('run.zst'), zstdFrame(Buffer.from(TWO)));
    const written = writeReport({ inputs: [file('run.zst')], output: file('out') });
    if (READS_ZSTD) expect((await written).samples).toBe(2);
    else await expect(written).rejects.toThrow(/zstd -dc .*run\.zst \| pping report -$/);
  });

  test('a last line that was cut short, and what is none of ours: counted', async () => {
    const { result, facts } = await reportOf({
      'run.ndjson': `${TWO}not json\n{"type":"ping"}\n\n${TWO.slice(0, 50)}`,
    });
    expect(result).toMatchObject({ samples: 2, skippedLines: 3 });
    expect(facts.skippedLines).toBe(3);
  });

  test('a compressed file that was cut short: what could be read is there, and it is said', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) =>
      rttLine({ atMs: index, rtt: (index * 7919) % 1e6, flow: index }),
    );
    const whole = gzipSync(lines.join(''));
    const { result, facts } = await reportOf({ 'a.gz': whole.subarray(0, whole.length / 2) });
    expect(result.samples).toBeGreaterThan(100);
    expect(result.damage).toEqual(['a.gz: its compressed data ends too early']);
    expect(facts.damage).toEqual(result.damage);
  });

  test('samples that a report interval held back count', async () => {
    const { result, facts } = await reportOf({
      'run.ndjson': rttLine({ atMs: 1, rtt: 1e6, samples: 9 }) + rttLine({ atMs: 2, rtt: 1e6 }),
    });
    expect(result.samples).toBe(10);
    expect(facts.rtts).toBe(2);
  });
});

describe('of aggregates', () => {
  const line = (atMs: number, prefix: string, fields: Partial<AggregateFields> = {}) =>
    aggregateLine({ atMs, prefix, buckets: [[1024, 3]], samples: 4, ...fields });

  test('what they add up to', async () => {
    const { result, html } = await reportOf({
      'run.ndjson.1.gz': gzipSync(line(10_000, '192.0.2.0/24') + line(10_000, '::/48')),
      'run.ndjson': `${line(20_000, '192.0.2.0/24', { side: 'behind' })}${summaryLine(20_000)}x\n`,
    });
    expect(result).toEqual({
      ...{ samples: 12, rows: 3, intervals: 2, skippedLines: 1, damage: [], remarks: [] },
      bytes: Buffer.byteLength(html),
    });
    expect(html).not.toContain('192.0.2.0');
  });

  test('beside RTTs they are not counted again', async () => {
    const { result } = await reportOf({ 'run.ndjson': line(10_000, '192.0.2.0/24') + TWO });
    expect(result).toMatchObject({ samples: 2, flows: 2, peers: 2 });
    expect(result.remarks).toEqual([
      '1 aggregate of 3 RTTs is not in this report: it has their RTTs one by one.',
    ]);
  });

  test('without an RTT in them: there is no report', async () => {
    const overdue = line(10_000, '192.0.2.0/24', { buckets: [], samples: 0, overdue: 3 });
    await expect(reportOf({ 'x.ndjson': overdue })).rejects.toThrow(
      new Fault('x.ndjson has no RTTs'),
    );
  });

  test('of another interface alone', async () => {
    const written = reportOf({ 'x.ndjson': line(10_000, '192.0.2.0/24') }, 'wan');
    await expect(written).rejects.toThrow(
      new UsageError('x.ndjson has no RTTs seen at "wan", only at eth0'),
    );
  });
});

describe('of one interface', () => {
  const at = (name: string | undefined, rest: Partial<RttFields> = {}) =>
    rttLine({ atMs: 5, rtt: 1e6, ...rest, at: name === undefined ? {} : { interface: name } });
  const ofWan = (line: string) => line.replace('"eth0"', '"wan"');

  test('what was seen elsewhere is left out, and what is of the whole run is not', async () => {
    const ofRun = (line: string) => line.replace('"interface":"eth0",', '');
    const lines = [
      ...[at('eth0'), at('wan', { atMs: 9, peer: '10.0.0.2' }), at(undefined), openingLine(1, 1)],
      ...[lossLine(2, 1), ofWan(lossLine(9, 2)), ofRun(lossLine(3, 4)), ofRun(openingLine(9, 1))],
    ];
    const { result, facts } = await reportOf({ 'run.ndjson': lines.join('') }, 'eth0');
    expect(result).toMatchObject({ samples: 1, flows: 1, peers: 1, skippedLines: 0 });
    expect(facts.places).toMatchObject([{ interface: 'eth0', samples: [0, 0, 1] }]);
    expect(facts.peers.map(({ address }) => address)).toEqual(['10.0.0.1']);
    expect(facts.lost.rtts).toBe(5);
    expect(Math.round(facts.to - facts.from)).toBe(4);
  });

  test.each([
    ['at others', at('eth0') + at('wan') + at('eth0'), 'only at eth0, wan'],
    [
      'at many others',
      Array.from({ length: 9 }, (_, index) => at(`e${index}`)).join(''),
      'only at e0, e1, e2, e3, e4, ...',
    ],
  ])('there are no RTTs of it, but %s', async (_, lines, where) => {
    const written = reportOf({ 'x.ndjson': lines }, 'lo\x1b');
    await expect(written).rejects.toThrow(UsageError);
    await expect(written).rejects.toThrow(
      new Error(`x.ndjson has no RTTs seen at "lo\\u001b", ${where}`),
    );
  });

  test('there are no RTTs of it, and none says where it was seen', async () => {
    await expect(reportOf({ 'x.ndjson': at(undefined) }, 'eth0')).rejects.toThrow(
      new UsageError('x.ndjson has no RTTs seen at "eth0": they name no interface'),
    );
  });

  const unnamed = (line: string) => line.replace('"interface":"eth0",', '');

  test('queries of DNS are those of that interface', async () => {
    const lines = [
      ...[dnsLine({ atMs: 1 }), unnamed(dnsLine({ atMs: 2, peer: '10.0.0.54' }))],
      ...[ofWan(dnsLine({ atMs: 3, peer: '10.0.0.55' })), at('eth0')],
    ];
    const { result, facts } = await reportOf({ 'run.ndjson': lines.join('') }, 'wan');
    expect(result).toMatchObject({ queries: 1, resolvers: 1, samples: 0 });
    expect(facts.resolvers.map(({ address }) => address)).toEqual(['10.0.0.55']);
    expect(facts.places).toBeUndefined();
  });

  test.each([
    ['queries at another', dnsLine({ atMs: 1 }), 'DNS queries seen at "wan", only at eth0'],
    [
      'queries and RTTs that name none',
      unnamed(dnsLine({ atMs: 1 })) + at(undefined),
      'RTTs or DNS queries seen at "wan": they name no interface',
    ],
  ])('there are but %s', async (_, lines, what) => {
    const written = reportOf({ 'x.ndjson': lines }, 'wan');
    await expect(written).rejects.toThrow(new UsageError(`x.ndjson has no ${what}`));
  });

  test('a route to a host that was seen elsewhere, perhaps, is no mark', async () => {
    const route = unnamed(routeLine(3, 2));
    const { facts } = await reportOf({ 'run.ndjson': at('eth0') + route }, 'eth0');
    expect(facts.marks).toEqual([]);
  });

  test('there are no RTTs at all', async () => {
    await expect(reportOf({ 'x.ndjson': NOTHING }, 'eth0')).rejects.toThrow(
      new Fault('x.ndjson has no RTTs'),
    );
  });
});

describe('what cannot be done', () => {
  test.each([
    ['an empty file', '', UsageError, 'x.ndjson is empty'],
    ['a run without an RTT', NOTHING, Fault, 'x.ndjson has no RTTs'],
    [
      'a run with --quiet',
      summaryLine(1),
      Fault,
      'x.ndjson has no RTTs, only a summary; to make a report, record without --quiet',
    ],
    ['another kind of file', 'a,b\n1,2\n', UsageError, NOT_RECORDED],
    ['a binary file', Buffer.alloc(3 << 20, 7), UsageError, NOT_RECORDED],
  ])('%s', async (_, content, kind, message) => {
    const written = reportOf({ 'x.ndjson': content });
    await expect(written).rejects.toThrow(kind);
    await expect(written).rejects.toThrow(new Error(message));
    expect(readdirSync(dirname(file('x')))).toEqual(['x.ndjson']);
  });

  test('figures of intervals have no RTTs, either', async () => {
    const interval = intervalLine(0);
    await expect(reportOf({ 'x.ndjson': interval + interval })).rejects.toThrow(
      new Fault(
        'x.ndjson has no RTTs, only intervals; to make a report, record without --interval or with --events',
      ),
    );
  });

  test.each([
    ['', 'a.ndjson, b.ndjson are empty'],
    ['x', 'a.ndjson, b.ndjson are not pping recordings; -o run.ndjson makes one'],
    [NOTHING, 'a.ndjson, b.ndjson have no RTTs'],
  ])('several without one: %#', async (first, message) => {
    await expect(reportOf({ 'a.ndjson': first, 'b.ndjson': '' })).rejects.toThrow(
      new Error(message),
    );
  });

  test('an input that is missing, or a directory', async () => {
    const output = file('out.html');
    const from = (input: string) => writeReport({ inputs: [input], output });
    await expect(from(file('none'))).rejects.toThrow(UsageError);
    await expect(from(dirname(output))).rejects.toThrow(/is a directory/);
  });

  test.each([
    ['a folder that is missing', 'no such directory', () => file('none/out.html')],
    ['a folder', 'is a directory', () => dirname(file('x'))],
  ])('to write %s, which is said before anything is read', async (_, fault, output) => {
    const written = writeReport({ inputs: ['/none'], output: output() });
    await expect(written).rejects.toThrow(UsageError);
    await expect(written).rejects.toThrow(new Error(`${output()}: ${fault}`));
  });

  test('a full disk is a fault, and no bad input', async () => {
    writeFileSync(file('run.ndjson'), TWO);
    const written = writeReport({ inputs: [file('run.ndjson')], output: '/dev/full' });
    await expect(written).rejects.toThrow(Fault);
    await expect(written).rejects.toThrow(new Error('disk full: /dev/full'));
  });

  test('a device is written, and stays what it is', async () => {
    writeFileSync(file('run.ndjson'), TWO);
    const inputs = [file('run.ndjson')];
    const { bytes } = await writeReport({ inputs, output: '/dev/null' });
    expect(bytes).toBeGreaterThan(TWO.length);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('a pipe is written', async () => {
    spawnSync('mkfifo', [file('pipe')]);
    writeFileSync(file('run.ndjson'), TWO);
    // Each waits for the other to open it.
    const reader = promisify(execFile)('cat', [file('pipe')], { maxBuffer: 1 << 26 });
    const inputs = [file('run.ndjson')];
    const { bytes } = await writeReport({ inputs, output: file('pipe') });
    expect(Buffer.byteLength((await reader).stdout)).toBe(bytes);
  });

  test('a reader of a pipe who leaves is no fault', async () => {
    spawnSync('mkfifo', [file('pipe')]);
    writeFileSync(file('run.ndjson'), TWO);
    const reader = promisify(execFile)('head', ['-c', '1', file('pipe')]);
    const written = writeReport({ inputs: [file('run.ndjson')], output: file('pipe') });
    expect(await written).toMatchObject({ samples: 2, isCutShort: true });
    expect((await reader).stdout).toBe('<');
  });

  test('a failure leaves the report before it, and nothing else', async () => {
    writeFileSync(file('out.html'), 'good');
    await expect(reportOf({ 'run.ndjson': 'x' })).rejects.toThrow(UsageError);
    expect(readFileSync(file('out.html'), 'utf8')).toBe('good');
    // The temporary name is taken: nothing can be written.
    mkdirSync(file(`out.html.${process.pid}.tmp`));
    await expect(reportOf({ 'run.ndjson': TWO })).rejects.toThrow(UsageError);
    expect(readFileSync(file('out.html'), 'utf8')).toBe('good');
  });

  test('what a link points to is replaced, not the link', async () => {
    writeFileSync(file('real.html'), 'old');
    symlinkSync(file('real.html'), file('out.html'));
    const { html } = await reportOf({ 'run.ndjson': TWO });
    expect(readFileSync(file('real.html'), 'utf8')).toBe(html);
    expect(readdirSync(dirname(file('x'))).sort()).toEqual(['out.html', 'real.html', 'run.ndjson']);
  });
});

describe('the document', () => {
  test('has no text of the run outside base64', async () => {
    const line = rttLine({ atMs: 1, rtt: 1e6, peer: EVIL }).replace(
      '"interface":"eth0"',
      `"interface":${JSON.stringify(EVIL)}`,
    );
    const { html, facts } = await reportOf({ 'run.ndjson': line });
    expect(facts.peers[0]?.address).toBe(EVIL);
    expect(facts.places).toMatchObject([{ interface: EVIL }]);
    expect(html).not.toContain('alert(1)');
    expect(html).not.toContain('eth0');
  });

  test('lets in its own script and style only, and no network', async () => {
    const { html } = await reportOf({ 'run.ndjson': TWO });
    expect(html).toMatch(
      /content="default-src 'none'; script-src 'sha256-[^' ]+'; style-src 'sha256-[^' ]+'; base-uri 'none'; form-action 'none'"/,
    );
    expect(html.replace(/<script>[\s\S]*<\/script>/, '')).not.toMatch(/\b(src|href|url) ?[=(]/);
  });
});

async function reportOf(files: { readonly [name: string]: string | Uint8Array }, seenAt?: string) {
  for (const [name, content] of Object.entries(files)) writeFileSync(file(name), content);
  const output = file('out.html');
  const inputs = Object.keys(files).map(file);
  expect(inputs.map((input) => basename(input))).toEqual(Object.keys(files));
  const result = await writeReport({ inputs, output, seenAt });
  const html = readFileSync(output, 'utf8');
  const [, facts = ''] = /id="facts">([^<]*)</.exec(html) ?? [];
  const text = inflateSync(Buffer.from(facts, 'base64')).toString();
  return { result, html, facts: JSON.parse(text) as RunFacts };
}
