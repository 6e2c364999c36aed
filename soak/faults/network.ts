// Faults of the network, and other programs' doings there.
import { setTimeout as sleep } from 'node:timers/promises';
import { clientAddresses, serverAddresses } from '../../lab/endpoints.js';
import type { Churn } from '../churn.js';
import { addNobody } from '../ground.js';
import { type Fault, pause, type World } from './fault.js';

const OTHER_NAME = 'renamed0';
/** What was sent meanwhile is sent again only after a while. */
const SENT_AGAIN_MS = 1_000;

export const networkFaults: readonly Fault[] = [
  {
    name: 'interface renamed and back',
    async run({ ground: { client, interfaceName }, random }) {
      await client.run(['ip', 'link', 'set', 'dev', interfaceName, 'name', OTHER_NAME]);
      const milliseconds = await pause(random, 500, 2_000);
      await client.run(['ip', 'link', 'set', 'dev', OTHER_NAME, 'name', interfaceName]);
      return `after ${milliseconds} ms`;
    },
  },
  {
    name: 'interface down and up',
    run: (world) =>
      inVain(world, async () => {
        const { client, interfaceName } = world.ground;
        world.aftermath.downs++;
        await client.run(['ip', 'link', 'set', 'dev', interfaceName, 'down']);
        const milliseconds = await pause(world.random, 300, 1_500);
        await client.run(['ip', 'link', 'set', 'dev', interfaceName, 'up']);
        await addNobody(world.ground);
        return `after ${milliseconds} ms`;
      }),
  },
  {
    name: 'nothing answers',
    run: (world) =>
      inVain(world, async () => {
        const { server } = world.ground;
        const route = ['blackhole', `${clientAddresses.ipv4}/32`];
        const route6 = ['blackhole', `${clientAddresses.ipv6}/128`];
        await server.run(['ip', 'route', 'add', ...route]);
        await server.run(['ip', '-6', 'route', 'add', ...route6]);
        const milliseconds = await pause(world.random, 1_000, 2_500);
        await server.run(['ip', 'route', 'del', ...route]);
        await server.run(['ip', '-6', 'route', 'del', ...route6]);
        return `for ${milliseconds} ms`;
      }),
  },
  {
    name: 'burst of connections',
    async run({ churn, rate, random }) {
      churn.setRate(BURST * rate);
      const milliseconds = await pause(random, 1_000, 2_000);
      churn.setRate(rate);
      return `for ${milliseconds} ms`;
    },
  },
  {
    name: 'burst of connections while nothing sweeps (flow map full)',
    async run({ churn, rate, monitor, maxFlows, aftermath }) {
      const { opened: before } = await churn.stats();
      churn.setRate(BURST * rate);
      monitor.signal('SIGSTOP');
      const enough = MORE_THAN_ROOM * maxFlows;
      const opened = await openedWithin(churn, before, enough, LONGEST_STOP_MS);
      monitor.signal('SIGCONT');
      churn.setRate(rate);
      // A slow machine may not open so many: then there is nothing to be full of.
      if (opened >= enough) aftermath.presses++;
      return `${opened} opened`;
    },
  },
  {
    name: "others' filters come and go",
    async run({ ground: { client, interfaceName }, random }) {
      const dev = ['dev', interfaceName];
      const tc = (...args: string[]) => client.run(['tc', ...args]);
      const match = ['protocol', 'ip', 'u32', 'match', 'ip', 'dst', serverAddresses.ipv4];
      // Somebody may have added it before, as our own clsact instances do.
      await tc('qdisc', 'add', ...dev, 'clsact').catch(() => {});
      const hook = random.below(2) === 0 ? 'egress' : 'ingress';
      await tc('filter', 'add', ...dev, hook, 'pref', '7', ...match);
      await pause(random, 200, 1_000);
      await tc('filter', 'del', ...dev, hook, 'pref', '7');
      return `on ${hook}`;
    },
  },
];

/** Times the usual rate. */
const BURST = 3;
/** Times the room there is: a fourth of the connections end before they make a flow. */
const MORE_THAN_ROOM = 1.5;
const LONGEST_STOP_MS = 6_000;
const LOOK_MS = 100;

/** Waits for `enough` connections, or until the time is over. @returns how many there were */
async function openedWithin(churn: Churn, before: number, enough: number, milliseconds: number) {
  const end = performance.now() + milliseconds;
  let opened = 0;
  while (opened < enough && performance.now() < end) {
    await sleep(LOOK_MS);
    opened = (await churn.stats()).opened - before;
  }
  return opened;
}

/** Connections that are opened meanwhile may fail, and nobody is to blame. */
async function inVain({ churn, aftermath, random }: World, fault: () => Promise<string>) {
  const before = await churn.stats();
  const what = await fault();
  await pause(random, SENT_AGAIN_MS, SENT_AGAIN_MS);
  const after = await churn.stats();
  aftermath.openedInVain += after.opened - before.opened + before.alive;
  return what;
}
