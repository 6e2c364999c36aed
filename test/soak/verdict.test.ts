import { expect, test } from '@jest/globals';
import type { Check } from '../../soak/checks.js';
import { checkText, sumText } from '../../soak/verdict.js';

const [ok, wrong, unknown] = [true, false, undefined].map((isOk) => ({
  name: 'it survived',
  detail: 'exit code 1',
  isOk,
})) as [Check, Check, Check];

test('a check holds, or does not, or nobody knows', () => {
  expect([ok, wrong, unknown].map(checkText)).toEqual([
    'ok         it survived: exit code 1',
    'NOT OK     it survived: exit code 1',
    'not known  it survived: exit code 1',
  ]);
});

test.each([
  [[ok, ok], 'all 2 checks hold'],
  [[ok, ok, unknown], '2 of 3 checks hold, 1 not known'],
  [[ok, wrong, unknown], '1 of 3 checks fail'],
])('of all together: %#', (checks, text) => {
  expect(sumText(checks)).toBe(text);
});
