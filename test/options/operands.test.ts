import { mkdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import {
  narrowed,
  operandsIn,
  refuseWithoutSource,
  withArguments,
} from '../../src/options/operands.js';
import { type LiveOptions, parseOptions, type ReplayOptions } from '../../src/options/options.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const HTTPS = { first: 443, last: 443 };
const before = process.cwd();

beforeEach(() => process.chdir(inFolder('')));
afterEach(() => process.chdir(before));

describe('words behind the options', () => {
  test('are captures up to the first word of a filter', () => {
    expect(operandsIn(['a.pcap', '-', 'port', '443', 'and', 'host', '::1'], true)).toEqual({
      captures: ['a.pcap', '-'],
      filter: ['port', '443', 'and', 'host', '::1'],
    });
    expect(operandsIn(['a.pcap'], true)).toEqual({ captures: ['a.pcap'], filter: [] });
    expect(operandsIn(['not port 22'], true)).toEqual({ captures: [], filter: ['not port 22'] });
  });

  test('a file is a capture, whatever its name; a folder is none', () => {
    writeFileSync(inFolder('port'), '');
    writeFileSync(inFolder('net of 2025.pcap'), '');
    mkdirSync(inFolder('tcp'));
    expect(operandsIn(['net of 2025.pcap', 'port', 'tcp', 'port', '80'], true)).toEqual({
      captures: ['net of 2025.pcap', 'port'],
      filter: ['tcp', 'port', '80'],
    });
    expect(operandsIn(['port', '80'], false)).toEqual({ captures: [], filter: ['port', '80'] });
  });
});

describe('behind an option whose argument may be left out', () => {
  const live = (...args: string[]) => parseOptions(['-i', 'eth0', ...args]) as LiveOptions;

  test.each([[['port', '443']], [['not port 22']], [['(', 'host', '::1', ')']], [['src', 'x']]])(
    '%j is a filter, and not the argument',
    (words) => {
      const asked = ['--metrics=127.0.0.1:9747', ...words];
      expect(withArguments(['--metrics', ...words])).toEqual(asked);
    },
  );

  test('anything else is the argument', () => {
    const { metrics, filter } = live('--metrics', '127.0.0.1:80', 'port', '443');
    expect(metrics.address?.port).toBe(80);
    expect(filter).toEqual(live('port', '443').filter);
    expect(() => live('--metrics', 'eth1')).toThrow('"eth1" is not an address and a port');
  });

  test('without an argument it takes the rest as a filter', () => {
    const { metrics, filter } = live('--metrics', 'port', '443');
    expect(metrics.address?.port).toBe(9747);
    expect(filter).toEqual(live('port', '443').filter);
  });
});

describe('a filter in words', () => {
  const live = (...args: string[]) => (parseOptions(['-i', 'eth0', ...args]) as LiveOptions).filter;

  test('is that of options', () => {
    const options = live('--port', '443,22', '--net', '10.0.0.0/8', '--exclude-host', '10.0.0.9');
    expect(live(...'port 443 or 22 and net 10.0.0.0/8 and not host 10.0.0.9'.split(' '))).toEqual(
      options,
    );
  });

  test('is for a capture, too', () => {
    const args = ['-r', 'a.pcap', 'b.pcap', 'port', '443', '-q'];
    const { captures, filter } = parseOptions(args) as ReplayOptions;
    expect(captures).toEqual(['a.pcap', 'b.pcap']);
    expect(filter.include).toEqual({ prefixes: [], portRanges: [HTTPS] });
  });

  test('narrows that of options down', () => {
    expect(live('--exclude-port', '22', '--host', '::1', 'tcp', 'port', '443')).toEqual({
      ...NO_FILTER,
      include: { prefixes: [parsePrefix('::1')], portRanges: [HTTPS] },
      exclude: { prefixes: [], portRanges: [{ first: 22, last: 22 }] },
    });
    expect(live('--port', '1-1000', 'port', '443').include.portRanges).toEqual([HTTPS]);
    expect(() => live('--port', '80', 'port', '443')).toThrow('unsupported filter');
    expect(narrowed(NO_FILTER, [])).toBe(NO_FILTER);
  });

  test('has the limits of options', () => {
    const ports = Array.from({ length: 65 }, (_, at) => 2 * at + 1).join();
    expect(() => live('port', ports)).toThrow('at most 64 ports and ranges');
    expect(() => live('--port', ports)).toThrow('at most 64 ports and ranges');
  });
});

describe('a word without a source', () => {
  const said = (word: string) => {
    const act = () => refuseWithoutSource([word]);
    expect(act).toThrow(UsageError);
    return expect(act);
  };

  test('that is an interface or a file: what was meant', () => {
    writeFileSync(inFolder('x.pcap'), '');
    said('lo').toThrow('what is "lo"? Did you mean -i lo?');
    said('x.pcap').toThrow('what is "x.pcap"? Did you mean -r x.pcap?');
    said('/dev/null').toThrow('Did you mean -r /dev/null?');
  });

  test.each([
    ['dcotor', 'doctor'],
    ['reprot', 'report'],
    ['competion', 'completion'],
    ['hlep', 'help'],
  ])('that is nearly a command: %s', (word, command) => {
    said(word).toThrow(`what is "${word}"? Did you mean ${command}?`);
  });

  test('any other: what there is', () => {
    mkdirSync(inFolder('folder'));
    for (const word of ['none0', '', 'none.pcap', 'folder']) {
      said(word).toThrow(
        `what is ${JSON.stringify(word)}? For an interface: -i <name>; for a capture: -r <file>`,
      );
    }
    expect(() => parseOptions(['port', '443'])).toThrow('which interface?');
  });
});
