/** Every value that an option refuses is refused in the same form. */
import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { parseOptions } from '../../src/options/options.js';
import { refusedValue } from '../../src/options/refusals.js';
import { longOf, namesOf } from '../../src/options/row.js';
import { ROWS } from '../../src/options/table.js';

/** What is said of a command line; undefined where it is taken. */
function refusal(args: readonly string[]): string | undefined {
  try {
    parseOptions(args);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
}

describe('a value', () => {
  const judged = ROWS.filter(({ parse, choices }) => parse ?? choices);
  /** Something that is no value of any option that is particular. */
  const ODD = '?!';
  const refused = judged.filter((row) => refusal([longOf(row), ODD])?.startsWith(`${longOf(row)}`));

  test('is judged by most options that have one', () => {
    expect(refused.length).toBeGreaterThan(35);
    const names = refused.map(longOf);
    expect(names).toEqual(expect.arrayContaining(['--until', '--by', '--port', '--metrics']));
  });

  test.each(refused.map((row) => [longOf(row), row] as const))(
    'of %s: its long name, the value once, and the reason, in one line',
    (name, row) => {
      for (const given of namesOf(row)) {
        const text = refusal([given, ODD]) ?? '';
        expect(text).toMatch(new RegExp(`^${name}( '\\?!')?: [^\n]+$`));
        expect(text.split(ODD)).toHaveLength(2);
      }
    },
  );

  test('of a list is the one that is wrong', () => {
    expect(refusal(['--protocol', 'tcp,sctp'])).toBe(
      "--protocol 'sctp': must be one of tcp, icmp, quic, dns, all",
    );
  });

  test('that the reason quotes is not said twice', () => {
    expect(refusedValue('--x', 'a', '"a" is odd').message).toBe('--x: "a" is odd');
    expect(refusedValue('--x', 'a', '"b" is odd').message).toBe('--x \'a\': "b" is odd');
  });
});

describe('other refusals', () => {
  test.each([
    [['--rtae', '1s'], 'unknown option --rtae; did you mean --rate?'],
    [['--quiet=yes'], 'unknown option --quiet=yes; see --help'],
    [['-i'], 'missing value: --interface <name>'],
    [['--metrics-by'], 'missing value: --metrics-by <what>'],
    [['-n', '--resolve'], '--numeric cannot be used with --resolve'],
    [['report'], 'report: which recording? pping report run.ndjson'],
    [['doctor', 'who'], 'doctor takes no arguments'],
    [['completion', 'tcsh'], 'completion: unknown shell tcsh (bash, zsh, fish)'],
  ])('%j', (args, text) => expect(refusal(args)).toBe(text));
});
