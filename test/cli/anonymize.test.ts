/** With --anonymize no address of a capture is in anything that pping says of it. */
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { repositoryRoot } from '../../lab/places.js';
import { replayHere, runHere } from '../helpers/command/in-process.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

/** Between 10.77.0.1 and 10.77.0.2, and between fd77::1 and fd77::2. */
const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const HOSTS = /\b10\.77\.0\.[12]\b|\bfd77::[12]\b/;
const NETWORKS = /\b10\.77\.|\bfd77:/;
const KEY = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';

const inFolder = useTemporaryFolder();
let key: string;
beforeEach(() => {
  key = inFolder('key');
  writeFileSync(key, `${KEY}\n`, { mode: 0o600 });
});

async function said(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await replayHere(['-r', CAPTURE, ...args]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stdout).not.toBe('');
  return `${stdout}\n${stderr}`;
}

const FORMATS = ['human', 'pping', 'ndjson', 'csv', 'ppviz'];
const COMMANDS: readonly (readonly string[])[] = [
  ...FORMATS.map((format) => ['--rate', '0', '--stats', '1s', '--format', format]),
  ...['human', 'ndjson'].map((format) => ['-q', '-v', '--format', format]),
  ...['human', 'ndjson', 'csv'].map((format) => [
    ...['--interval', '1s', '--by', 'peer', '--format', format],
  ]),
  ...['human', 'ndjson'].map((format) => ['--aggregate', '1s', '--events', '--format', format]),
  ['--local', '10.77.0.1', '--local', 'fd77::1'],
  ['host', '10.77.0.1', 'or', 'host', 'fd77::1'],
];

const RUNS = COMMANDS.map((args) => [args] as const);

/** Else the tests below would show nothing. */
test.each(RUNS)('without it they are there: %j', async (args) => {
  expect(await said(...args)).toMatch(HOSTS);
});

describe('prefix', () => {
  test.each(RUNS)('%j', async (args) => {
    const text = await said('--anonymize', 'prefix', ...args);
    expect(text).not.toMatch(HOSTS);
    expect(text).toMatch(NETWORKS);
  });
});

describe('hash', () => {
  const hosts = ['--aggregate', '1s', '--aggregate-v4', '32', '--aggregate-v6', '128'];
  test.each([...RUNS, [hosts] as const])('%j', async (args) => {
    const text = await said('--anonymize', 'hash', '--anonymize-key', key, ...args);
    expect(text).not.toMatch(NETWORKS);
  });
});

interface Line {
  readonly type: string;
  readonly flow_id: number;
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly prefix?: string;
}

async function linesOf(capture: string, ...args: readonly string[]): Promise<Line[]> {
  const { lines } = await replayHere(['-r', capture, '--format', 'ndjson', ...args]);
  return lines.map((line) => JSON.parse(line) as Line);
}

const without = ({ src_ip, dest_ip, ...rest }: Line) => rest;

test.each([['prefix'], ['hash']])('%s: all else is as without it', async (how) => {
  const [plain, anonymized] = [
    await linesOf(CAPTURE, '--rate', '0'),
    await linesOf(CAPTURE, '--rate', '0', '--anonymize', how, '--min-window', '300s'),
  ];
  const told = ({ type }: Line) => type !== 'summary';
  expect(anonymized.filter(told).map(without)).toEqual(plain.filter(told).map(without));
});

test('runs with the same key have the same pseudonyms, others have others', async () => {
  const hash = ['--anonymize', 'hash'];
  const [one, again, random] = [
    await linesOf(CAPTURE, ...hash, '--anonymize-key', key),
    await linesOf(CAPTURE, ...hash, '--anonymize-key', key),
    await linesOf(CAPTURE, ...hash),
  ];
  expect(again).toEqual(one);
  expect(random?.[0]?.src_ip).not.toBe(one?.[0]?.src_ip);
});

test('a network that is counted has the pseudonym of its hosts', async () => {
  const hash = ['--anonymize', 'hash', '--anonymize-key', key];
  const lines = await linesOf(CAPTURE, ...hash, '--aggregate', '1s', '--events');
  const hosts = lines.filter(({ type }) => type === 'rtt').map(({ src_ip }) => src_ip);
  const networks = lines.flatMap(({ prefix = [] }) => prefix);
  const [host = ''] = hosts.filter((each) => !each.includes(':'));
  const network = host.replace(/\.\d+$/, '.0/24');
  expect(network).toMatch(/^\d+\.\d+\.\d+\.0\/24$/);
  expect(networks).toContain(network);
});

test('two flows that are told alike stay two', async () => {
  const neighbour = { ...CLIENT, address: '10.0.0.9' };
  const capture = inFolder('two.pcap');
  const both = [conversation(3), conversation(3, {}, [neighbour, SERVER])].flat();
  both.sort((a, b) => Number(a.time - b.time));
  writeFileSync(capture, pcap(both, { nanoseconds: true }));
  const lines = await linesOf(capture, '--rate', '0', '--anonymize', 'prefix');
  const rtts = lines.filter(({ type }) => type === 'rtt');
  expect(new Set(rtts.map(({ src_ip, dest_ip }) => `${src_ip} ${dest_ip}`)).size).toBe(1);
  const counts = [...new Set(rtts.map(({ flow_id }) => flow_id))].map(
    (id) => rtts.filter(({ flow_id }) => flow_id === id).length,
  );
  expect(counts).toEqual([3, 3]);
});

test('without a key one line says that the pseudonyms are of this run alone', async () => {
  const text = await said('--anonymize', 'hash');
  expect(text.match(/pseudonyms use a random key/g)).toHaveLength(1);
  expect(await said('--anonymize', 'hash', '--anonymize-key', key)).not.toContain('random');
});

describe('a key is refused, in one line,', () => {
  const refusal = async (path: string) => {
    const args = ['-r', CAPTURE, '--anonymize', 'hash', '--anonymize-key', path];
    const { code, stderr } = await runHere(args);
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    return stderr;
  };

  test('where there is none', async () => {
    expect(await refusal(inFolder('none'))).toContain('none: no such file');
  });

  test('where others can read it', async () => {
    chmodSync(key, 0o644);
    expect(await refusal(key)).toContain('key: others can read it');
  });

  test.each([
    ['too short', KEY.slice(1)],
    ['too long', `${KEY}00`],
    ['empty', ''],
  ])('that is %s', async (_, content) => {
    writeFileSync(key, content);
    expect(await refusal(key)).toContain('key: not a key: 32 bytes or 64 hexadecimal');
  });

  test('that has no end', async () => {
    expect(await refusal('/dev/zero')).toContain('/dev/zero: too long');
  });

  test('that is a folder', async () => {
    expect(await refusal(inFolder('.'))).toContain('directory');
  });
});
