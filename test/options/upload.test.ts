/** -o <URL> and what belongs to it. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { parseOptions } from '../../src/options/options.js';

const URL_GIVEN = ['-o', 'https://db.example/?query=x'];
const parse = (...args: string[]) => parseOptions(['-i', 'eth0', ...args]);

test('a URL is sent NDJSON, and has a spool of 1 GiB if it has any', () => {
  expect(parse(...URL_GIVEN)).toMatchObject({
    output: 'https://db.example/?query=x',
    format: 'ndjson',
    upload: { headers: undefined, authorities: undefined, spool: undefined, spoolSize: 2 ** 30 },
  });
  expect(parse('-o', 'HTTP://db.example/run.csv')).toMatchObject({ format: 'ndjson' });
});

test('all that belongs to it', () => {
  const args = ['--http-headers', 'a', '--http-ca', 'b', '--spool', 'c', '--spool-size', '1.5G'];
  expect(parse(...URL_GIVEN, ...args)).toMatchObject({
    upload: { headers: 'a', authorities: 'b', spool: 'c', spoolSize: 1.5 * 2 ** 30 },
  });
});

test.each([
  ['1M', 2 ** 20],
  ['1024k', 2 ** 20],
  ['512 MiB', 2 ** 29],
  ['2T', 2 ** 41],
])('--spool-size %s', (text, spoolSize) => {
  expect(parse(...URL_GIVEN, '--spool', 'c', '--spool-size', text)).toMatchObject({
    upload: { spoolSize },
  });
});

describe('refused, in one line:', () => {
  test.each([
    [['-o', 'https://'], '-o: invalid URL'],
    [
      ['-o', 'https://me:secret@db.example/'],
      '-o: a URL must not contain a password; use --http-headers <file>',
    ],
    ...['human', 'pping', 'csv', 'ppviz'].map(
      (format) =>
        [
          [...URL_GIVEN, '--format', format],
          `--format ${format} cannot be used with a URL, which is sent NDJSON`,
        ] as const,
    ),
    [['--http-headers', 'a'], '--http-headers needs -o <URL>'],
    [['-o', 'x', '--http-headers', 'a'], '--http-headers needs -o <URL>, not a file'],
    [['--http-ca', 'a'], '--http-ca needs -o <URL>'],
    [['-o', 'x', '--http-ca', 'a'], '--http-ca needs -o <URL>, not a file'],
    [['-o', 'http://h', '--http-ca', 'a'], '--http-ca needs an https:// URL'],
    [['--spool', 'a'], '--spool needs -o <URL>'],
    [['-o', 'x', '--spool', 'a'], '--spool needs -o <URL>, not a file'],
    [[...URL_GIVEN, '--spool-size', '1G'], '--spool-size needs --spool'],
  ] as const)('%j', (args, message) => {
    expect(() => parse(...args)).toThrow(new UsageError(message));
  });

  test.each(['', '3', '1X', '1000k', '-1G', 'G', '1 G B'])('--spool-size %j', (size) => {
    expect(() => parse(...URL_GIVEN, '--spool', 'c', '--spool-size', size)).toThrow(UsageError);
  });
});
