/** Interfaces are looked at closely in turns, and what is found of each is remembered. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Interface } from '../../src/libbpf/interfaces.js';
import type { WatchedInterfaces } from '../../src/live/watched-interfaces.js';
import type { Sighting } from '../../src/visibility/sightings.js';
import { FakeInterfaces, FakeStore, link, links } from '../helpers/events/interfaces.js';

/** What was counted of all. */
const ALL = { egress: 1, ingress: 2, bytes: 3 };

let kernel: FakeInterfaces;
let watched: WatchedInterfaces;

async function begin(included: string[], ...names: string[]): Promise<void> {
  kernel = new FakeInterfaces(links(...names));
  watched = kernel.watched(included);
  await watched.begin();
}

describe('of many', () => {
  const many = Array.from({ length: 150 }, (_, place) => `veth${place}`);
  const lookedAt = () => kernel.attached.filter(({ looks }) => looks.length > 0).length;

  beforeEach(async () => {
    await begin(['veth*'], ...many);
    while (watched.names.length < many.length) await watched.follow();
  });

  test('some are there from the start, all that were named, and others in batches', async () => {
    const isNamed = ({ name }: Interface) => ['veth98', 'veth99'].includes(name);
    const all = kernel.links as Interface[];
    const interfaces = [...all.filter(isNamed), ...all.filter((each) => !isNamed(each))];
    watched = kernel.watched(['veth*', 'veth98', 'veth99'], { interfaces, named: 2 });
    await watched.begin();
    const names = ['veth98', 'veth99', ...many.slice(0, 14)];
    expect(watched.names).toEqual(names);
    const batches: [come: number, isBehind: boolean][] = [];
    do batches.push([(await watched.follow()).length, watched.isBehind]);
    while (watched.isBehind);
    expect(batches).toEqual([
      [32, true],
      [32, true],
      [32, true],
      [32, true],
      [6, false],
    ]);
    expect(new Set(watched.names)).toEqual(new Set(many));
  });

  test('what is gone is left at once', async () => {
    kernel.links = [];
    expect(await watched.follow()).toHaveLength(many.length);
    expect(watched.isBehind).toBe(false);
  });

  test('all are left at the end, and none comes any more', async () => {
    await watched.leave();
    expect(kernel.attached.filter(({ isDetached }) => !isDetached)).toEqual([]);
    kernel.links.push(link(200, 'veth200'));
    await watched.follow();
    expect(kernel.attached).toHaveLength(many.length);
  });

  test('64 are looked at in a second, in turns', () => {
    const counts = Array.from({ length: 4 }, () => {
      watched.lookOut(ALL);
      return lookedAt();
    });
    expect(counts).toEqual([64, 128, 150, 150]);
    expect(new Set(kernel.attached.map(({ looks }) => looks.length))).toEqual(new Set([1, 2]));
    expect(kernel.on('veth0').looks).toEqual([ALL, ALL]);
  });

  test('likewise whether pping is still attached', () => {
    for (const each of kernel.attached) each.isTakenOff = true;
    const counts = Array.from({ length: 4 }, () => watched.check().length);
    expect(counts).toEqual([64, 64, 22, 0]);
  });

  test('and those that are there are looked at though others go', () => {
    kernel.on('veth149').isTakenOff = true;
    const found = Array.from({ length: 3 }, () => {
      const changes = watched.check();
      watched.lookOut(ALL);
      return changes.length;
    });
    expect(found).toEqual([0, 0, 1]);
  });
});

describe('what keeps packets from pping', () => {
  const preceded = (name: string): Sighting => ({
    change: 'preceded',
    hook: 'ingress',
    predecessors: [],
    interface: name,
  });

  beforeEach(() => begin(['eth0', 'eth1'], 'eth0', 'eth1'));

  test('is looked for also where packets are not counted', async () => {
    const store = new FakeStore();
    watched = kernel.watched(['eth0', 'eth1'], {}, store);
    await watched.begin();
    store.counted.delete(1);
    for (const name of ['eth0', 'eth1']) kernel.on(name).found.push(preceded(name));
    expect(watched.lookOut(ALL)).toEqual([preceded('eth0'), preceded('eth1')]);
    expect(kernel.on('eth0').looks).toEqual([]);
  });

  test('is remembered of those that are gone, too', async () => {
    for (const name of ['eth0', 'eth1']) kernel.on(name).found.push(preceded(name));
    expect(watched.lookOut(ALL)).toEqual([preceded('eth0'), preceded('eth1')]);
    expect(watched.lookOut(ALL)).toEqual([]);
    kernel.remove('eth1');
    await watched.follow();
    expect(watched.sightings).toEqual([preceded('eth1'), preceded('eth0')]);
  });

  test('of the last hundred', async () => {
    kernel.on('eth0').sightings.push(...Array<Sighting>(99).fill(preceded('eth0')));
    kernel.on('eth1').sightings.push(...Array<Sighting>(99).fill(preceded('eth1')));
    const first = () => watched.sightings.findIndex((each) => each.interface === 'eth1');
    expect([watched.sightings.length, first()]).toEqual([100, 1]);
    kernel.remove('eth0');
    await watched.follow();
    expect([watched.sightings.length, first()]).toEqual([100, 1]);
  });

  test('where pping cannot come back in front of it, that interface is lost, and not the run', async () => {
    kernel.on('eth0').cannotReturn = true;
    kernel.on('eth1').found.push(preceded('eth1'));
    expect(watched.lookOut(ALL)).toEqual([preceded('eth1')]);
    expect(watched.names).toEqual(['eth1']);
    expect(kernel.on('eth0').isDetached).toBe(true);
    const reason = 'no room in front on eth0';
    const lost = { change: 'detached', interface: 'eth0', isGone: false, reason };
    expect(watched.check()).toEqual([lost]);
    expect(watched.check()).toEqual([]);
  });

  test('where that was the last one, that is told before it is a fault', () => {
    for (const name of ['eth0', 'eth1']) kernel.on(name).cannotReturn = true;
    watched.lookOut(ALL);
    expect(watched.check()).toHaveLength(2);
    expect(() => watched.check()).toThrow('no room in front on eth1');
  });

  test('of several, who is in front of pping at any, each once', () => {
    const names = watched.predecessors().egress.map(({ name }) => name);
    expect(names).toEqual(['before eth0', 'before eth1']);
  });
});

describe('what was seen of each', () => {
  let store: FakeStore;

  beforeEach(async () => {
    kernel = new FakeInterfaces(links('eth0', 'eth1'));
    store = new FakeStore();
    watched = kernel.watched(['eth0', 'eth1'], {}, store);
    await watched.begin();
  });

  test('is what it is judged by', () => {
    store.counted.set(2, { egress: 5, ingress: 6, bytes: 7 });
    watched.lookOut(ALL);
    expect(kernel.on('eth0').looks).toEqual([{ egress: 0, ingress: 0, bytes: 0 }]);
    expect(kernel.on('eth1').looks).toEqual([{ egress: 5, ingress: 6, bytes: 7 }]);
  });

  test('is not judged where it is not counted', () => {
    store.counted.delete(2);
    watched.lookOut(ALL);
    expect(kernel.on('eth0').looks).toHaveLength(1);
    expect(kernel.on('eth1').looks).toEqual([]);
  });

  test('is told of all, also of those that are gone and have come again', async () => {
    store.counted.set(1, ALL);
    kernel.remove('eth0');
    await watched.follow();
    kernel.links.push(link(9, 'eth0'));
    await watched.follow();
    store.counted.set(9, ALL);
    expect(watched.tallies()).toEqual([
      { name: 'eth0', egress: 2, ingress: 4, bytes: 6, isWatched: true },
      { name: 'eth1', egress: 0, ingress: 0, bytes: 0, isWatched: true },
    ]);
    expect([...store.counted.keys()].sort()).toEqual([2, 9]);
  });

  test('takes room only where pping is attached', async () => {
    kernel.refusals.set('eth1', 'no room');
    watched = kernel.watched(['eth0', 'eth1'], {}, new FakeStore());
    await expect(watched.begin()).rejects.toThrow('no room');
    store = new FakeStore();
    watched = kernel.watched(['eth*'], { interfaces: kernel.links as Interface[] }, store);
    await watched.begin();
    expect([...store.counted.keys()]).toEqual([1]);
  });
});
