// Faults that a monitor meets itself: of the long-lived one, and of others that live beside it for a moment.
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../lab/until.js';
import { Monitor } from '../monitor.js';
import { type Fault, pause, type World } from './fault.js';

const METHODS = ['tcx', 'clsact'] as const;
const ARGS = ['--format', 'ndjson', '--rate', '10ms'];
/** Longer than anything that does not hang takes, also on a slow machine. */
const END_MS = 30_000;
/** Of pping's filters (src/libbpf/clsact.ts). */
const PRIORITY = '20560';

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
      const filter = ['dev', interfaceName, hook, 'pref', PRIORITY];
      await client.run(['tc', 'filter', 'del', ...filter]);
      const removed = performance.now();
      await ended(world, instance, programs, 1);
      const milliseconds = Math.round(performance.now() - removed);
      world.aftermath.longestNotice = Math.max(world.aftermath.longestNotice, milliseconds);
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

/** Waits for the end, and remembers what has to be gone then. */
async function ended(
  { aftermath }: World,
  instance: Monitor,
  programs: readonly number[],
  code?: number,
): Promise<void> {
  aftermath.programs.push(...programs);
  const late = sleep(END_MS).then(() => undefined);
  const ending = await Promise.race([instance.ended, late]);
  if (!ending) instance.signal('SIGKILL');
  const isRight = ending && (code === undefined || ending.code === code);
  if (isRight && instance.stackLines === 0) return;
  const how = ending
    ? `exit code ${ending.code ?? ending.signal}`
    : `still there after ${END_MS} ms`;
  const last = instance.words.slice(-2).join(' / ');
  aftermath.wrongEnds.push(`${how} instead of ${code}, saying: ${last}`);
  await until(() => instance.hasEnded, 'a killed instance to end');
}
