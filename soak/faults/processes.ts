// Faults that a monitor meets itself: of the long-lived one, and of others that live beside it for a moment.
import { until } from '../../lab/until.js';
import { PRIORITY } from '../../src/libbpf/clsact-order.js';
import { Monitor } from '../monitor.js';
import { END_MS, judgeEnd } from '../wrong-ends.js';
import { type Fault, pause, type World } from './fault.js';

const METHODS = ['tcx', 'clsact'] as const;
const ARGS = ['--format', 'ndjson', '--rate', '10ms'];

export const processFaults: readonly Fault[] = [
  {
    name: 'SIGSTOP and SIGCONT',
    async run({ monitor, random }) {
      monitor.signal('SIGSTOP');
      const milliseconds = await pause(random, 500, 4_000);
      monitor.signal('SIGCONT');
      return `for ${milliseconds} ms`;
    },
  },
  {
    name: 'another instance, SIGKILL',
    async run(world) {
      const { method, instance } = start(world);
      const milliseconds = await pause(world.random, 100, 2_500);
      const programs = instance.programs();
      instance.signal('SIGKILL');
      await ended(world, instance, programs);
      const state = instance.isWatching ? 'watching' : 'starting';
      return `${method}, after ${milliseconds} ms, ${state}`;
    },
  },
  {
    name: 'another instance, SIGINT',
    async run(world) {
      const { method, instance } = start(world);
      await instance.watching();
      const programs = instance.programs();
      await pause(world.random, 0, 1_000);
      instance.signal('SIGINT');
      await ended(world, instance, programs, 0);
      return method;
    },
  },
  {
    name: 'another instance, its reader leaves',
    async run(world) {
      const { method, instance } = start(world, 'pipe');
      await instance.watching();
      const programs = instance.programs();
      await pause(world.random, 0, 500);
      instance.child.stdout?.destroy();
      await ended(world, instance, programs, 0);
      return method;
    },
  },
  {
    name: 'another instance, its filter is removed',
    async run(world) {
      const { client, interfaceName } = world.ground;
      const instance = new Monitor(world.ground, [...ARGS, '--attach', 'clsact']);
      await instance.watching();
      const programs = instance.programs();
      const hook = world.random.below(2) === 0 ? 'egress' : 'ingress';
      const filter = ['dev', interfaceName, hook, 'pref', String(PRIORITY)];
      await client.run(['tc', 'filter', 'del', ...filter]);
      const milliseconds = await noticed(world, instance);
      await ended(world, instance, programs, 1);
      return `from ${hook}, noticed after ${milliseconds} ms`;
    },
  },
];

function start({ ground, random }: World, stdout: 'ignore' | 'pipe' = 'ignore') {
  const method = METHODS[random.below(METHODS.length)] ?? 'tcx';
  const instance = new Monitor(ground, [...ARGS, '--attach', method], stdout);
  instance.child.stdout?.resume();
  return { method, instance };
}

/** @returns how long it takes from now until it says that its filter is gone, in ms */
async function noticed({ aftermath }: World, instance: Monitor): Promise<number> {
  const began = performance.now();
  const isTold = () => instance.words.some((line) => line.startsWith(REMOVED));
  await until(() => isTold() || instance.hasEnded, 'a fault', END_MS).catch(() => {});
  const milliseconds = Math.round(performance.now() - began);
  aftermath.longestNotice = Math.max(aftermath.longestNotice, milliseconds);
  return milliseconds;
}

const REMOVED = 'pping: another program removed ';

/** Waits for the end, and remembers what has to be gone then. */
async function ended(
  { aftermath }: World,
  instance: Monitor,
  programs: readonly number[],
  code?: number,
): Promise<void> {
  aftermath.programs.push(...programs);
  await judgeEnd(aftermath, instance, code);
}
