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
  const NO_PREFIX = 'means nothing without --anonymize prefix';
  const NO_HASH = 'means nothing without --anonymize hash';
  test.each([
    [['--anonymize', 'all'], 'Allowed choices are prefix, hash'],
    [['--anonymize-v4', '16'], `--anonymize-v4 ${NO_PREFIX}`],
    [['--anonymize-v6', '16'], `--anonymize-v6 ${NO_PREFIX}`],
    [[...HASH, '--anonymize-v4', '16'], `--anonymize-v4 ${NO_PREFIX}`],
    [[...HASH, '--anonymize-v6', '16'], `--anonymize-v6 ${NO_PREFIX}`],
    [[...PREFIX, '--anonymize-v4', '32'], '"32" is not a number from 0 to 31'],
    [[...PREFIX, '--anonymize-v6', '128'], '"128" is not a number from 0 to 127'],
    [['--anonymize-key', 'a'], `--anonymize-key ${NO_HASH}`],
    [[...PREFIX, '--anonymize-key', 'a'], `--anonymize-key ${NO_HASH}`],
    [[...HASH, '--resolve'], '--resolve shows names of hosts, and --anonymize hides hosts'],
    [
      [...PREFIX, '--aggregate', '10s', '--aggregate-v4', '32'],
      '--aggregate-v4 tells networks of /32 apart, and --anonymize-v4 leaves /24',
    ],
    [
      [...PREFIX, '--aggregate', '10s', '--aggregate-v6', '48', '--anonymize-v6', '32'],
      '--aggregate-v6 tells networks of /48 apart, and --anonymize-v6 leaves /32',
    ],
    [[...NDJSON, '--label', 'web1'], '"web1" is no label: write for example host=web1'],
    [[...NDJSON, '--label', 'host='], 'host has no value'],
    [[...NDJSON, '--label', '=x'], 'a name has letters a to z, digits and _'],
    [[...NDJSON, '--label', 'Host=x'], 'a name has letters a to z, digits and _'],
    [[...NDJSON, '--label', '1st=x'], 'a name has letters a to z, digits and _'],
    [[...NDJSON, '--label', '__name=x'], 'a name has letters a to z, digits and _'],
    [[...NDJSON, '--label', 'src_ip=x'], 'pping has a field src_ip of its own'],
    [[...NDJSON, '--label', 'le=x'], 'pping has a field le of its own'],
    [[...NDJSON, '--label', 'host=a', '--label', 'host=b'], '--label host was given twice'],
    [['--label', 'host=a'], '--label means nothing here: it is for ndjson, csv and --metrics'],
    [['--format', 'ppviz', '--label', 'host=a'], '--label means nothing here'],
    [['--live', '--label', 'host=a'], '--label means nothing here'],
    [['-q', '--label', 'host=a'], '--label means nothing here'],
  ])('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(UsageError);
    expect(() => parse(...args)).toThrow(message);
  });
});
