/** --anonymize, --label and what belongs to them. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { parseOptions } from '../../src/options/options.js';

const parse = (...args: string[]) => parseOptions(['-i', 'eth0', ...args]);
const PREFIX = ['--anonymize', 'prefix'];
const HASH = ['--anonymize', 'hash'];
const NDJSON = ['--format', 'ndjson'];

test('addresses are told as they are, unless asked otherwise', () => {
  const off = { how: undefined, bitsV4: 24, bitsV6: 48, key: undefined };
  expect(parse()).toMatchObject({ anonymization: off, labels: [] });
});

test('networks, of other lengths', () => {
  const args = ['--anonymize-v4', '16', '--anonymize-v6', '32'];
  expect(parse(...PREFIX, ...args)).toMatchObject({
    anonymization: { how: 'prefix', bitsV4: 16, bitsV6: 32 },
  });
});

test('pseudonyms, of a key', () => {
  expect(parse(...HASH, '--anonymize-key', 'a')).toMatchObject({
    anonymization: { how: 'hash', key: 'a' },
  });
});

test('in a replay as in a live run, beside -n', () => {
  expect(parseOptions(['-r', 'x', '-n', ...HASH])).toMatchObject({
    anonymization: { how: 'hash' },
  });
});

test('labels are in the order in which they are given; a value may have anything in it', () => {
  const args = ['--label', 'host=web1', '--label', '_site2=a=b "c"'];
  const labels = [
    { name: 'host', value: 'web1' },
    { name: '_site2', value: 'a=b "c"' },
  ];
  expect(parse(...NDJSON, ...args)).toMatchObject({ labels });
});

test.each([
  [['-o', 'x.ndjson']],
  [['-o', 'x.csv']],
  [['-o', 'https://db.example/']],
  [['--live', '-o', 'x.ndjson']],
  [['--metrics']],
  [['--live', '--metrics']],
])('labels have a place with %j', (args) => {
  expect(parse(...args, '--label', 'host=a')).toMatchObject({ labels: [{ name: 'host' }] });
});

test('networks are shorter where less is left of addresses, unless their length was asked for', () => {
  const left = ['--anonymize-v4', '16', '--anonymize-v6', '32'];
  expect(parse(...PREFIX, ...left, '--aggregate', '10s')).toMatchObject({
    aggregation: { bitsV4: 16, bitsV6: 32 },
  });
  const asked = ['--aggregate', '10s', '--aggregate-v4', '8'];
  expect(parse(...PREFIX, ...left, ...asked)).toMatchObject({
    aggregation: { bitsV4: 8, bitsV6: 32 },
  });
  expect(parse(...PREFIX, '--aggregate', '10s')).toMatchObject({ aggregation: { bitsV4: 24 } });
});

describe('networks as long as what is left of addresses are told apart:', () => {
  test.each([
    [[...PREFIX, '--aggregate', '10s']],
    [[...PREFIX, '--aggregate', '10s', '--aggregate-v4', '16', '--anonymize-v4', '16']],
    [[...PREFIX, '--aggregate', '10s', '--aggregate-by', 'none', '--anonymize-v4', '8']],
    [[...PREFIX, '--metrics', '--metrics-by', 'prefix']],
    [[...PREFIX, '--metrics', '--anonymize-v4', '8']],
    [[...HASH, '--aggregate', '10s', '--aggregate-v4', '32', '--aggregate-v6', '128']],
  ])('%j', (args) => {
    expect(parse(...args)).toMatchObject({ interfaces: { included: ['eth0'] } });
  });
});

describe('refused, in one line:', () => {
  const NO_PREFIX = 'needs --anonymize prefix';
  const NO_HASH = 'needs --anonymize hash';
  test.each([
    [['--anonymize', 'all'], "--anonymize 'all': must be one of prefix, hash"],
    [['--anonymize-v4', '16'], `--anonymize-v4 ${NO_PREFIX}`],
    [['--anonymize-v6', '16'], `--anonymize-v6 ${NO_PREFIX}`],
    [[...HASH, '--anonymize-v4', '16'], `--anonymize-v4 ${NO_PREFIX}`],
    [[...HASH, '--anonymize-v6', '16'], `--anonymize-v6 ${NO_PREFIX}`],
    [
      [...PREFIX, '--anonymize-v4', '32'],
      "--anonymize-v4 '32': must be a whole number from 0 to 31",
    ],
    [
      [...PREFIX, '--anonymize-v6', '128'],
      "--anonymize-v6 '128': must be a whole number from 0 to 127",
    ],
    [['--anonymize-key', 'a'], `--anonymize-key ${NO_HASH}`],
    [[...PREFIX, '--anonymize-key', 'a'], `--anonymize-key ${NO_HASH}`],
    [[...HASH, '--resolve'], '--anonymize cannot be used with --resolve, which shows host names'],
    [
      [...PREFIX, '--aggregate', '10s', '--aggregate-v4', '32'],
      '--aggregate-v4 32 is longer than the /24 that --anonymize prefix leaves',
    ],
    [
      [...PREFIX, '--aggregate', '10s', '--aggregate-v6', '48', '--anonymize-v6', '32'],
      '--aggregate-v6 48 is longer than the /32 that --anonymize prefix leaves',
    ],
    [[...NDJSON, '--label', 'web1'], "--label 'web1': not a label; write for example host=web1"],
    [[...NDJSON, '--label', 'host='], "--label 'host=': the value must not be empty"],
    [[...NDJSON, '--label', '=x'], 'the name may only have a to z, digits and _'],
    [[...NDJSON, '--label', 'Host=x'], 'the name may only have a to z, digits and _'],
    [[...NDJSON, '--label', '1st=x'], 'the name may only have a to z, digits and _'],
    [[...NDJSON, '--label', '__name=x'], 'the name may only have a to z, digits and _'],
    [[...NDJSON, '--label', 'src_ip=x'], "src_ip is the name of one of pping's own fields"],
    [[...NDJSON, '--label', 'le=x'], "le is the name of one of pping's own fields"],
    [[...NDJSON, '--label', 'host=a', '--label', 'host=b'], '--label host was given twice'],
    [['--label', 'host=a'], '--label needs --format ndjson or csv, or --metrics'],
    [['--format', 'ppviz', '--label', 'host=a'], '--label needs'],
    [['--live', '--label', 'host=a'], '--label needs'],
    [['-q', '--label', 'host=a'], '--label needs'],
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
