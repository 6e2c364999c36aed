/** Of an object's programs those are loaded that are wanted; and what they cost is added up. */
import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, Kernel, OBJECT_PATH, SERVER } from '../../lab/kernel/kernel.js';
import { HOOKS } from '../../src/core/hooks.js';
import {
  namesAt,
  programsFor,
  SWEEP,
  WATCHING,
  type WatchedLink,
} from '../../src/core/programs.js';
import { KernelError } from '../../src/libbpf/errors.js';
import { enableAccounting, isOwnProgram, programInfo } from '../../src/libbpf/info.js';
import { BpfObject } from '../../src/libbpf/object.js';
import { programsIn } from '../../src/live/programs.js';
import { runsOf, SelfCostMeter } from '../../src/live/self-cost.js';

const BOTH: readonly WatchedLink[] = ['ethernet', 'ip'];

describe('an object', () => {
  let object: BpfObject;
  afterEach(() => object.close());

  test.each([[['ethernet']], [['ip']], [BOTH]] as const)(
    'loads the programs for %j, and no others',
    (links) => {
      object = new BpfObject(OBJECT_PATH);
      const wanted = programsFor(links, false);
      object.load(wanted);
      const isLoaded = (name: string) => {
        try {
          return object.program(name) > 0;
        } catch (error) {
          if (error instanceof KernelError) return false;
          throw error;
        }
      };
      expect(object.programs.filter(isLoaded).sort()).toEqual([...wanted].sort());
    },
  );

  test('has each by a name that the kernel knows as our own', () => {
    object = new BpfObject(OBJECT_PATH);
    object.load(programsFor(BOTH, false));
    const nameOf = (name: string) => programInfo(object.program(name)).name;
    for (const hook of HOOKS) {
      const names = BOTH.map((link) => nameOf(WATCHING[link][hook]));
      expect(names).toEqual(namesAt(hook));
      expect(names.map(isOwnProgram)).toEqual([true, true]);
    }
    expect(isOwnProgram(nameOf('pping_sweep'))).toBe(false);
  });

  test('has none that it has not', () => {
    object = new BpfObject(OBJECT_PATH);
    expect(() => object.load(['pping_none'])).toThrow('find program pping_none');
  });

  test('loads them beside each other, too', async () => {
    object = new BpfObject(OBJECT_PATH);
    const wanted = programsFor(BOTH, true);
    await object.loadBeside(wanted);
    const names = wanted.map((name) => programInfo(object.program(name)).name);
    expect(names).toEqual(wanted.map((name) => name.slice(0, 15)));
  });

  test('has one set of maps, whose descriptors alone are open beside those of programs', async () => {
    const before = descriptors();
    object = new BpfObject(OBJECT_PATH);
    object.load([SWEEP]);
    const atOnce = descriptors() - before;
    object.close();
    expect(descriptors()).toBe(before);
    object = new BpfObject(OBJECT_PATH);
    await object.loadBeside([SWEEP, WATCHING.ethernet.egress]);
    expect(descriptors() - before).toBe(atOnce + 1);
    object.close();
    expect(descriptors()).toBe(before);
  });

  test('says which program could not be loaded beside others, and leaves nothing open', async () => {
    const before = descriptors();
    object = new BpfObject(OBJECT_PATH);
    await expect(object.loadBeside([SWEEP, 'pping_none'])).rejects.toThrow(
      'find program pping_none',
    );
    object.close();
    expect(descriptors()).toBe(before);
  });
});

describe('of several interfaces', () => {
  class SeveralKernel extends Kernel {
    meter(links: readonly WatchedLink[]): SelfCostMeter {
      const programs = [...programsIn(this.object, links).values()];
      return new SelfCostMeter((hook) => runsOf(programs, hook), [], enableAccounting());
    }
  }

  let kernel: SeveralKernel;
  afterEach(() => kernel.close());

  test('what watching costs is that of all programs together', () => {
    kernel = new SeveralKernel({}, { areSeveral: true });
    const meters = [BOTH, ['ethernet'] as const, ['ip'] as const].map((links) =>
      kernel.meter(links),
    );
    for (const _ of [1, 2, 3]) kernel.on(0).egress(CLIENT, SERVER, {});
    kernel.on(0).ingress(SERVER, CLIENT, {});
    for (const _ of [1, 2]) kernel.on(0, 'ip').egress(CLIENT, SERVER, {}, { ethernet: false });
    for (const _ of [1, 2, 3, 4]) kernel.ingress(SERVER, CLIENT, {}, { ethernet: false });
    const [all, ethernet, ip] = meters.map((meter) => meter.read());
    for (const meter of meters) meter.close();
    const packets = (cost = all) => [cost?.egress.packets, cost?.ingress.packets];
    expect([packets(ethernet), packets(ip), packets()]).toEqual([
      [3, 1],
      [2, 4],
      [5, 5],
    ]);
    const ns = (hook: 'egress' | 'ingress') => [ethernet, ip].map((cost) => cost?.[hook].ns ?? 0);
    expect(all?.egress.ns).toBe(ns('egress').reduce((sum, each) => sum + each, 0));
    expect(all?.ingress.ns).toBe(ns('ingress').reduce((sum, each) => sum + each, 0));
    expect(Math.min(...ns('egress'), ...ns('ingress'))).toBeGreaterThan(0);
  });
});

/** Of those that are open: not of the pipes and sockets that Node has to children of earlier suites, and closes when it likes. */
function descriptors(): number {
  const open = readdirSync('/proc/self/fd').map((fd) => linkOf(`/proc/self/fd/${fd}`));
  return open.filter((link) => !/^(pipe|socket):/.test(link)).length;
}

/** What it was listed through is closed by now. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(descriptor);
  } catch {
    return '';
  }
}
