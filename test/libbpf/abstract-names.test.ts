/** Names that one process holds and everybody can see. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { holdName } from '../../src/libbpf/abstract-names.js';

const NAME = `pping-test/${process.pid}`;

test('are held by one until it lets go', () => {
  const release = holdName(NAME);
  expect(release).toBeDefined();
  expect(isSeen()).toBe(true);
  expect(holdName(NAME)).toBeUndefined();
  release?.();
  release?.();
  expect(isSeen()).toBe(false);
  holdName(NAME)?.();
});

test('are those that Node holds', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`\0${NAME}`, resolve));
  expect(holdName(NAME)).toBeUndefined();
  await new Promise((resolve) => server.close(resolve));
  const release = holdName(NAME);
  const failure = await new Promise((resolve) => {
    createServer().once('error', resolve).listen(`\0${NAME}`);
  });
  expect(failure).toMatchObject({ code: 'EADDRINUSE' });
  release?.();
});

/** With the first of the zeros behind it, which are shown as @: the name of another process may begin with it. */
function isSeen(): boolean {
  return readFileSync('/proc/net/unix', 'latin1').includes(`@${NAME}@`);
}
