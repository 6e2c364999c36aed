import { expect, test } from '@jest/globals';
import { type Finding, wouldRun } from '../../src/doctor/finding.js';
import { doctorText } from '../../src/doctor/text.js';

const GOOD: Finding = { what: 'kernel', status: 'ok', found: 'Linux 6.12' };
const SLOW: Finding = { what: 'jit', status: 'warning', found: 'off', fix: 'switch it on' };
const ABSENT: Finding = { what: 'libbpf', status: 'missing', found: 'no such file', fix: 'get it' };

test('one line each, aligned, what to do below, and the verdict last', () => {
  expect(doctorText([GOOD, SLOW, ABSENT], false).split('\n')).toEqual([
    'ok       kernel  Linux 6.12',
    '!        jit     off',
    '                 fix: switch it on',
    'missing  libbpf  no such file',
    '                 fix: get it',
    'live capture (-i) will not work: 1 requirement missing (reading captures with -r works)',
  ]);
});

test('warnings do not keep it from running', () => {
  expect(wouldRun([GOOD, SLOW])).toBe(true);
  expect(doctorText([GOOD, SLOW], false)).toMatch(/^live capture \(-i\) should work$/m);
  expect(wouldRun([GOOD, ABSENT])).toBe(false);
  expect(doctorText([ABSENT, ABSENT], false)).toContain('will not work: 2 requirements missing');
});

test('more lines of what was found stay in their column', () => {
  const found = 'cannot load\nthe verifier:\n  R1 invalid';
  expect(
    doctorText([{ ...ABSENT, found }], false)
      .split('\n')
      .slice(0, 3),
  ).toEqual([
    'missing  libbpf  cannot load',
    '                 the verifier:',
    '                   R1 invalid',
  ]);
});

test('colours are there only when wished', () => {
  expect(doctorText([GOOD, SLOW, ABSENT], false)).not.toContain('\u001b');
  for (const code of ['32', '33', '31']) {
    expect(doctorText([GOOD, SLOW, ABSENT], true)).toContain(`\u001b[${code}m`);
  }
});
