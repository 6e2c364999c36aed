import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { Random } from '../../lab/random.js';
import { isPattern, patternMatcher } from '../../src/live/interface-pattern.js';

test.each([
  ['veth*', ['veth', 'veth0', 'vethé'], ['Veth0', 'aveth0', 'vet']],
  ['eth?', ['eth0', 'eth*', 'eth网', 'eth😀'], ['eth', 'eth10']],
  ['eth[0-2a]', ['eth0', 'eth2', 'etha'], ['eth3', 'eth-', 'eth']],
  ['eth[!0-2]', ['eth3', 'eth-'], ['eth0', 'eth', 'eth33']],
  ['eth[^0]', ['eth1'], ['eth0']],
  ['[é-ü]*', ['ö0'], ['a0']],
  ['a[]-]b', ['a]b', 'a-b'], ['ab', 'a[b']],
  ['a[!]]b', ['axb'], ['a]b']],
  ['a[b', ['a[b'], ['ab']],
  ['a[]', ['a[]'], ['a', 'a]']],
  ['a[!]', ['a[!]'], ['ab', 'a!']],
  ['[[:digit:]_]*', ['0x', '_'], ['a', ':']],
  ['[![:alpha:]]', ['0'], ['a']],
  ['[b-a]', [], ['a', 'b', '-']],
  ['a\\*[\\]x]', ['a*]', 'a*x'], ['ab]', 'a*\\']],
  ['br.*', ['br.1', 'br.'], ['br-1', 'br']],
  ['*.*', ['eth0.1', '.'], ['eth0']],
  ['{a,b}*', ['{a,b}c'], ['a']],
  ['*a*a*a*a*a*a*b', [`${'a'.repeat(14)}b`], ['a'.repeat(15)]],
])('%j', (pattern, matching, others) => {
  const matcher = patternMatcher(pattern);
  expect(isPattern(pattern)).toBe(true);
  expect([...matching, ...others].filter((name) => matcher.test(name))).toEqual(matching);
});

test.each(['eth0', 'a\\b', 'veth.1-2', 'any', ''])('%j is no pattern', (word) => {
  expect(isPattern(word)).toBe(false);
});

/** Lines of a pattern and a name, as JSON; answers with the C library's status of each. */
const FNMATCH = `
import ctypes, json, sys
fnmatch = ctypes.CDLL(None).fnmatch
for line in sys.stdin:
    pattern, name = json.loads(line)
    print(fnmatch(pattern.encode(), name.encode(), 0))
`;

test('matches what fnmatch(3) matches', () => {
  const random = new Random(1);
  const word = (from: readonly string[]) => {
    const pick = () => from[random.below(from.length)] as string;
    return Array.from({ length: random.below(9) }, pick).join('');
  };
  const pieces = [
    ...'aaabbc-]]!^*?[[',
    '\\a',
    '\\]',
    '\\-',
    '[a-',
    '[!',
    '[[:alpha:]',
    '[:punct:]',
  ];
  const any = Array.from({ length: 30_000 }, () => [word(pieces), word([...'aabbc-]![:l'])]);
  // A range up to a class is undefined; glibc matches nothing with one that the pattern's end cuts off.
  const pairs = any.filter(([pattern = '']) => !/-(\[:|$)/.test(pattern));
  const lines = pairs.map((pair) => JSON.stringify(pair)).join('\n');
  const { stdout } = spawnSync('python3', ['-c', FNMATCH], { input: lines, encoding: 'utf8' });
  const theirs = stdout
    .trim()
    .split('\n')
    .map((status) => status === '0');
  const ours = pairs.map(([pattern = '', name = '']) => patternMatcher(pattern).test(name));
  const disagreements = pairs.filter((_, index) => ours[index] !== theirs[index]);
  expect(disagreements).toEqual([]);
  expect(theirs.filter((matches) => matches).length).toBeGreaterThan(500);
});
