import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { parseOptions } from '../../soak/options.js';

test('ten minutes and a seed of its own, unless told otherwise', () => {
  expect(parseOptions([])).toMatchObject({
    minutes: 10,
    rate: 3_000,
    owners: false,
    protocols: 'tcp',
  });
  expect(parseOptions([]).seed).toBeGreaterThanOrEqual(0);
  expect(parseOptions(['--minutes', '0.5', '--seed', '7', '--rate', '100'])).toEqual({
    minutes: 0.5,
    seed: 7,
    rate: 100,
    owners: false,
    protocols: 'tcp',
  });
  expect(parseOptions(['--owners'])).toMatchObject({ owners: true });
  expect(parseOptions(['--protocols', 'all'])).toMatchObject({ protocols: 'all' });
});

test.each([
  ['--minutes', 'x'],
  ['--minutes', '0'],
  ['--minutes', ''],
  ['--seed', '1.5'],
  ['--rate', '-1'],
  ['--rate', '1e9'],
])('%s %j means nothing', (option, value) => {
  const silence = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => parseOptions([option, value])).toThrow(/is invalid\. .* wanted\.$/);
  silence.mockRestore();
});

test('of the protocols there are two choices', () => {
  const silence = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(() => parseOptions(['--protocols', 'quic'])).toThrow(/Allowed choices are tcp, all\.$/);
  silence.mockRestore();
});

test('what means nothing is said in one line, with exit code 2', () => {
  const args = [join(repositoryRoot, 'dist/soak/main.js'), '--minutes', 'x'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^error: .* is invalid\. .* wanted\.\n$/);
});
