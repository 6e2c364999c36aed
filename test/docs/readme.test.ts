/** What the README shows is what the command does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

test('every line of --help fits 80 columns', () => {
  const help = execFileSync(process.execPath, [path('bin/pping'), '--help'], { encoding: 'utf8' });
  expect(help.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('the example capture gives what is shown of it', () => {
  const readme = readFileSync(path('README.md'), 'utf8').split('\n');
  const start = readme.findIndex((line) => line.startsWith('    $ bin/pping -r examples/'));
  const [command = '', ...shown] = readme
    .slice(start, readme.indexOf('', start))
    .map((line) => line.slice(4));
  const { stdout, stderr } = spawnSync(process.execPath, command.split(' ').slice(1), {
    cwd: path('.'),
    encoding: 'utf8',
  });
  const printed = [...stdout.split('\n'), ...stderr.split('\n')];
  const lines = shown.filter((line) => line !== '...');
  expect(lines.length).toBeGreaterThan(10);
  expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
});
