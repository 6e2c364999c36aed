import { afterEach, expect, test } from '@jest/globals';
import { lookUp } from '../../src/resolver/addresses.js';

const VARIABLE = 'PPING_LOOKED_UP';

afterEach(() => {
  delete process.env[VARIABLE];
});

const leave = (pid: number) => {
  process.env[VARIABLE] = JSON.stringify({ pid, found: [['db1.example', ['192.0.2.1']]] });
};

test('a process that begins anew takes over what it has looked up, once', async () => {
  leave(process.pid);
  expect(await lookUp(['db1.example'])).toEqual(new Map([['db1.example', ['192.0.2.1']]]));
  expect(process.env[VARIABLE]).toBeUndefined();
});

test('what another process has left is not taken over', async () => {
  leave(process.pid + 1);
  // An address needs nobody to be asked.
  expect(await lookUp(['192.0.2.7'])).toEqual(new Map([['192.0.2.7', ['192.0.2.7']]]));
});

test('what was found is left for the process that this one becomes', async () => {
  await lookUp(['192.0.2.7']);
  expect(await lookUp([])).toEqual(new Map([['192.0.2.7', ['192.0.2.7']]]));
});
