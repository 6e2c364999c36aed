import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { LinkEvents } from '../../src/libbpf/link-events.js';

const O_CLOEXEC = 0o2000000;

let events: LinkEvents;

beforeEach(() => {
  events = new LinkEvents();
});

afterEach(() => {
  events.close();
});

test('a wait can be interrupted: the one under way, and the next one', async () => {
  const underWay = events.wait(2 ** 31 - 1);
  events.interrupt();
  await underWay;
  events.interrupt();
  await events.wait(2 ** 31 - 1);
});

test('a wait ends when its time has passed', async () => {
  await events.wait(0);
  await events.wait(1);
});

test('programs that are started do not get the socket', () => {
  const [, flags = ''] =
    /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${events.fd}`, 'utf8')) ?? [];
  expect(Number.parseInt(flags, 8) & O_CLOEXEC).toBe(O_CLOEXEC);
});
