/** What is said where a filter by owner leaves out protocols that were asked for. */
import { expect, test } from '@jest/globals';
import { ownerlessText } from '../../src/format/ownerless.js';

const NONE = { cgroups: [], containers: [], pids: [] };

test.each([{ pids: [7] }, { cgroups: ['/a'] }, { containers: ['web'] }])('with %j', (wanted) => {
  expect(ownerlessText({ ...NONE, ...wanted }, ['all'])).toBe(
    'without DNS: of its queries nothing says whose they are',
  );
  expect(ownerlessText({ ...NONE, ...wanted }, ['tcp', 'quic'])).toBeUndefined();
});

test('without a filter there is nothing to say', () => {
  expect(ownerlessText(NONE, ['all'])).toBeUndefined();
});
