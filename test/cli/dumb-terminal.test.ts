/** On a terminal that can show neither colours nor a picture, such as that of an editor. */
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { pping, repositoryRoot } from '../../lab/places.js';
import { here, useCli } from '../helpers/command/cli.js';

const CAPTURE = join(repositoryRoot, 'examples/lab.pcap');
const ESCAPE = '\u001b';

const start = useCli();

/** @param term what the terminal is called */
function onTerminal(term: string, args: readonly string[]) {
  const through = ['script', '--quiet', '--return', '/dev/null', '--command'];
  const program = ['exec "$PPING"', ...args].join(' ');
  const env = { PPING: pping, TERM: term, NO_COLOR: '' };
  return start(here, [], { through, program, env }).ended;
}

test.each([
  ['xterm', true],
  ['dumb', false],
])('lines on %s: colours are %p', async (term, colored) => {
  const { code, stdout } = await onTerminal(term, ['-r', CAPTURE, '-c', '3']);
  expect(code).toBe(0);
  expect(stdout).toContain(' ms ');
  expect(stdout.includes(ESCAPE)).toBe(colored);
});

test.each([
  ['xterm', true],
  ['dumb', false],
])('pping doctor on %s: colours are %p', async (term, colored) => {
  const { stdout } = await onTerminal(term, ['doctor']);
  expect(stdout.includes(ESCAPE)).toBe(colored);
});

test('--live cannot draw there, and says so', async () => {
  const { code, stdout } = await onTerminal('dumb', ['-i', 'lo', '--live']);
  expect(code).toBe(2);
  expect(stdout.trim()).toBe(
    'pping: --live cannot draw on this terminal (TERM=dumb); without it: -o <file>, or --quiet for a summary',
  );
});
