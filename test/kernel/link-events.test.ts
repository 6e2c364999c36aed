/** Interfaces of a network namespace of our own come, go and change, and whoever waits is told. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createNamespace, type Namespace } from '../../lab/netns.js';
import { PATIENCE } from '../../lab/until.js';
import { LinkWatch, type Waited } from '../helpers/kernel/link-watch.js';
import { batch } from '../helpers/kernel/links.js';

const DEADLINE_MS = 20_000 * PATIENCE;
/** Bit mask of the groups that a watch is in, as /proc/net/netlink has it. */
const LINK_GROUP = '00000001';
const PAIRS = Array.from({ length: 100 }, (_, pair) => [`a${pair}`, `b${pair}`] as const);
const CREATIONS = PAIRS.map(([name, peer]) => `link add ${name} type veth peer name ${peer}`);

let namespace: Namespace;
let watch: LinkWatch;

beforeEach(async () => {
  namespace = await createNamespace();
  watch = await LinkWatch.start(namespace);
});

afterEach(async () => {
  await namespace?.close();
});

/** Waits as often as something changes, until the interfaces are as they are to be. */
async function waitUntil(areThere: (links: Waited['links']) => boolean): Promise<void> {
  for (;;) {
    const { hasChanged, links } = await watch.wait(DEADLINE_MS);
    if (!hasChanged) throw new Error(`nothing has changed for ${DEADLINE_MS} ms`);
    if (areThere(links)) return;
  }
}

const has = (name: string, isUp: boolean) => (links: Waited['links']) =>
  links.some((link) => link.name === name && link.isUp === isUp);

test('one comes, goes up and down, gets another name, and goes', async () => {
  const steps: [command: string, areThere: (links: Waited['links']) => boolean][] = [
    ['link add first type veth peer name second', has('first', false)],
    ['link set first up', has('first', true)],
    ['link set first down', has('first', false)],
    ['link set first name renamed', has('renamed', false)],
    ['link del renamed', (links) => !has('renamed', false)(links)],
  ];
  for (const [command, areThere] of steps) {
    await watch.quiet();
    await namespace.run(['ip', ...command.split(' ')]);
    await waitUntil(areThere);
  }
  expect(await watch.close()).toBe(0);
});

test('one moves to another namespace, and back', async () => {
  const other = await createNamespace();
  try {
    await namespace.run(['ip', 'link', 'add', 'first', 'type', 'veth', 'peer', 'name', 'second']);
    await waitUntil(has('first', false));
    await namespace.run(['ip', 'link', 'set', 'first', 'netns', String(other.pid)]);
    await waitUntil((links) => !has('first', false)(links) && has('second', false)(links));
    await other.run(['ip', 'link', 'set', 'first', 'netns', String(namespace.pid)]);
    await waitUntil(has('first', false));
  } finally {
    await other.close();
  }
});

test('what changes while nobody waits is told of, once', async () => {
  await watch.quiet();
  await batch(namespace, CREATIONS);
  const { hasChanged, links } = await watch.wait(DEADLINE_MS);
  expect(hasChanged).toBe(true);
  expect(links).toHaveLength(1 + 2 * PAIRS.length);
  // Each pair is two messages at least; the kernel may have more to say of the last ones.
  expect(await watch.quiet()).toBeLessThan(10);
});

test('of a burst no change is missed, though messages are', async () => {
  const burst = batch(namespace, CREATIONS);
  await waitUntil((links) => links.length === 1 + 2 * PAIRS.length);
  await burst;
});

test('messages are lost when many come at once, and watching goes on', async () => {
  await batch(namespace, CREATIONS);
  const sockets = await namespace.run(['cat', '/proc/net/netlink']);
  const [watching] = sockets
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .filter(([, protocol, , groups]) => protocol === '0' && groups === LINK_GROUP);
  const drops = Number(watching?.[8]);
  expect(drops).toBeGreaterThan(0);
  await waitUntil(has('a99', false));
  await watch.quiet();
  await namespace.run(['ip', 'link', 'set', 'a99', 'up']);
  await waitUntil(has('a99', true));
});
