/** A minute of thousands of connections a second and random faults; ten and more: make soak. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';

const MINUTES = '1';
const DEADLINE_MS = 8 * 60_000;

jest.setTimeout(DEADLINE_MS + 10_000);

test('pping survives, and everything adds up', async () => {
  const { code, said } = await soak('--minutes', MINUTES);
  const verdict = said.split('\n').filter((line) => /^(ok|NOT OK) {2}/.test(line));
  // All that was said: what a seed cannot repeat has to be understood from this.
  expect({ code, wrong: code === 0 ? '' : said }).toEqual({ code: 0, wrong: '' });
  expect(verdict.length).toBeGreaterThanOrEqual(21);
  expect(verdict.filter((line) => !line.startsWith('ok'))).toEqual([]);
  expect(said).toMatch(/^all \d+ checks hold$/m);
});

function soak(...args: string[]): Promise<{ code: number | string; said: string }> {
  const argv = [join(repositoryRoot, 'dist/soak/main.js'), ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { timeout: DEADLINE_MS }, (error, stdout, stderr) =>
      resolve({ code: error ? (error.code ?? 'killed') : 0, said: stdout + stderr }),
    );
  });
}
