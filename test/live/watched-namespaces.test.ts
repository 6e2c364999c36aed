/** Namespaces that come and go with their interfaces, and what is told of that; the kernel is a test's own. */
import { constants } from 'node:os';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { Fault } from '../../src/faults.js';
import { KernelError } from '../../src/libbpf/errors.js';
import type { Interface } from '../../src/libbpf/interfaces.js';
import { type NamespaceAt, NamespaceGone } from '../../src/libbpf/network-namespace.js';
import type { NamespacesPlan, PlannedNamespace } from '../../src/live/namespace-plan.js';
import { WatchedNamespaces } from '../../src/live/watched-namespaces.js';
import { FakeInterfaces, FakeStore, link, links } from '../helpers/events/interfaces.js';

const WORDS = { included: ['eth*'], excluded: [] };

interface FakeNamespace {
  where: NamespaceAt;
  readonly kernel: FakeInterfaces;
  isGone: boolean;
  /** Why it cannot be entered. */
  refusal?: KernelError | undefined;
}

let all: FakeNamespace[];
let store: FakeStore;
/** Why they cannot be listed. */
let listFault: Error | undefined;

beforeEach(() => {
  all = [];
  listFault = undefined;
  store = new FakeStore();
});

function go(namespace: FakeNamespace): void {
  namespace.isGone = true;
  namespace.kernel.links = [];
}

/** @param name undefined: our own */
function come(name: string | undefined, ...names: string[]): FakeNamespace {
  const inode = 100 + all.length;
  const where = { name, inode, path: `/ns/${name}` };
  const made: FakeNamespace = {
    where,
    kernel: new FakeInterfaces(links(...names)),
    isGone: false,
  };
  all.push(made);
  return made;
}

function planOf({ where, kernel }: FakeNamespace, isOpen: boolean): PlannedNamespace {
  const interfaces = kernel.links.filter(({ name }) => name.startsWith('eth')) as Interface[];
  const named = isOpen ? 0 : interfaces.length;
  const words = isOpen ? WORDS : { ...WORDS, included: interfaces.map(({ name }) => name) };
  return { where, plan: { words, names: [], interfaces, named, areSeveral: true, isOpen } };
}

/** @param netns undefined: all of them, with interfaces that match; else those that were named */
function watch(netns?: readonly string[]): WatchedNamespaces {
  const isOpen = netns === undefined;
  const plan: NamespacesPlan = {
    netns,
    words: WORDS,
    namespaces: all.map((each) => planOf(each, isOpen)),
    areSeveral: true,
    isOpen,
  };
  const present = () => all.filter(({ isGone }) => !isGone);
  const of = ({ inode, path }: NamespaceAt) =>
    present().find(({ where }) => where.inode === inode && where.path === path);
  const unlessGone = (where: NamespaceAt): FakeInterfaces => {
    const found = of(where);
    if (!found) throw new NamespaceGone(`network namespace ${where.name} is gone`);
    return found.kernel;
  };
  return new WatchedNamespaces({
    plan,
    programsFor: () => ({ egress: 1, ingress: 2 }),
    method: undefined,
    maps: store,
    calls: {
      present: () => {
        if (listFault) throw listFault;
        return present().map(({ where }) => where);
      },
      plan: (where) => {
        const found = of(where);
        if (found?.refusal) throw found.refusal;
        return found && planOf(found, true);
      },
      callsIn: (where, numberOf) => ({
        list: () => unlessGone(where()).list(),
        nameOf: (index) => unlessGone(where()).nameOf(index),
        qdiscs: () => unlessGone(where()).qdiscs(),
        attach: (each) => {
          expect(numberOf(each.index)).toBeGreaterThan(0);
          return unlessGone(where()).attach(each);
        },
      }),
    },
  });
}

describe('at the beginning', () => {
  test('they are those that are there, each with its namespace', async () => {
    come(undefined, 'lo', 'eth0');
    come('web', 'lo', 'eth0', 'eth1');
    const watched = watch();
    expect(await watched.begin()).toEqual([]);
    expect(watched.names).toEqual(['eth0', 'web/eth0', 'web/eth1']);
    expect(watched.method).toBe('tcx');
    expect([1, 2, 3, 4].map((number) => watched.placeOf(number))).toEqual([
      { netns: undefined, interface: 'eth0' },
      { netns: 'web', interface: 'eth0' },
      { netns: 'web', interface: 'eth1' },
      undefined,
    ]);
  });

  test('one that was named has to be had, and it is said where', async () => {
    come('web', 'eth0');
    come('db', 'eth0').kernel.refusals.set('eth0', 'no room');
    await expect(watch(['web', 'db']).begin()).rejects.toThrow(
      /^network namespace db: interface eth0 cannot be watched: no room$/,
    );
  });

  test('one that was not named is told, and left alone', async () => {
    come('web', 'eth0');
    come('db', 'eth0').kernel.refusals.set('eth0', 'no room');
    const watched = watch();
    expect(await watched.begin()).toEqual([
      { change: 'refused', netns: 'db', interface: 'eth0', reason: 'no room' },
    ]);
    expect(watched.names).toEqual(['web/eth0']);
  });

  test('where none can be had, that is a fault', async () => {
    come('db', 'eth0').kernel.refusals.set('eth0', 'no room');
    await expect(watch().begin()).rejects.toThrow(
      /^interface db\/eth0 cannot be watched: no room$/,
    );
  });
});

describe('while it runs', () => {
  test('interfaces come and go in each of them', async () => {
    const web = come('web', 'lo', 'eth0');
    come('db', 'eth0');
    const watched = watch();
    await watched.begin();
    web.kernel.links.push(link(7, 'eth7'));
    expect(await watched.follow()).toEqual([
      { change: 'attached', netns: 'web', interface: 'eth7' },
    ]);
    web.kernel.remove('eth0');
    expect(await watched.follow()).toEqual([
      {
        change: 'detached',
        netns: 'web',
        interface: 'eth0',
        isGone: true,
        reason: 'interface eth0 is gone',
      },
    ]);
    expect(watched.names).toEqual(['web/eth7', 'db/eth0']);
    expect(watched.check()).toEqual([]);
  });

  test('a namespace that comes brings its interfaces', async () => {
    come('web', 'eth0');
    const watched = watch();
    await watched.begin();
    come('db', 'eth0');
    expect(await watched.follow()).toEqual([
      { change: 'attached', netns: 'db', interface: 'eth0' },
    ]);
  });

  test('with one that goes all of its interfaces are gone, and what was seen there is told', async () => {
    come('web', 'eth0');
    const db = come('db', 'eth0', 'eth1');
    const watched = watch();
    await watched.begin();
    store.counted.set(2, { egress: 5, ingress: 6, bytes: 700 });
    const [, attached] = [db.kernel.on('eth0'), db.kernel.on('eth1')];
    go(db);
    const reason = 'network namespace db is gone';
    const gone = { change: 'detached', netns: 'db', isGone: true, reason };
    expect(await watched.follow()).toEqual([
      { ...gone, interface: 'eth0' },
      { ...gone, interface: 'eth1' },
    ]);
    expect(attached.isDetached).toBe(true);
    expect(watched.names).toEqual(['web/eth0']);
    expect(watched.tallies()).toEqual([
      { name: 'eth0', netns: 'db', isWatched: false, egress: 5, ingress: 6, bytes: 700 },
      { name: 'eth0', netns: 'web', isWatched: true, egress: 0, ingress: 0, bytes: 0 },
    ]);
    // Events of its connections may still come.
    expect(watched.placeOf(2)).toEqual({ netns: 'db', interface: 'eth0' });
  });

  test('what was seen in more that are gone than are told one by one is told as one without a name', async () => {
    const most = 256;
    const watched = watch();
    const allSeen = () => watched.tallies().reduce((sum, { egress }) => sum + egress, 0);
    const each = { egress: 5, ingress: 6, bytes: 700 };
    for (let number = 1; number <= most + 2; number++) {
      const namespace = come(`ns${number}`, 'eth0');
      await watched.follow();
      store.counted.set(number, each);
      go(namespace);
      await watched.follow();
      expect(allSeen()).toBe(number * each.egress);
    }
    const tallies = watched.tallies();
    expect(tallies).toHaveLength(most + 1);
    const others = { name: '', isWatched: false, egress: 10, ingress: 12, bytes: 1_400 };
    expect(tallies[0]).toEqual(others);
    expect(tallies[1]).toEqual({ ...each, name: 'eth0', netns: 'ns3', isWatched: false });
  });

  test('one that goes while it is looked at is gone likewise', async () => {
    come('web', 'eth0');
    const db = come('db', 'eth0');
    const watched = watch();
    await watched.begin();
    go(db);
    expect(watched.check()).toMatchObject([{ change: 'detached', netns: 'db', isGone: true }]);
    expect(watched.names).toEqual(['web/eth0']);
  });

  test('one keeps its name, whoever leads to it', async () => {
    const some = come('4711', 'eth0');
    const watched = watch();
    await watched.begin();
    some.where = { ...some.where, name: '4712', path: '/proc/4712/ns/net' };
    expect(await watched.follow()).toEqual([]);
    expect(watched.names).toEqual(['4711/eth0']);
  });

  test('one is not gone as long as somebody leads to it', async () => {
    const some = come('4711', 'eth0');
    const watched = watch();
    await watched.begin();
    const attached = some.kernel.on('eth0');
    some.where = { ...some.where, name: '4712', path: '/proc/4712/ns/net' };
    watched.holding();
    expect(watched.check()).toEqual([]);
    expect([watched.names, attached.isDetached]).toEqual([['4711/eth0'], false]);
  });

  test('one without interfaces of ours that is called otherwise is another, which has got its number', async () => {
    const first = come('first', 'lo');
    const watched = watch();
    await watched.begin();
    first.where = { ...first.where, name: 'second', path: '/ns/second' };
    first.kernel.links = links('lo', 'eth0');
    expect(await watched.follow()).toEqual([
      { change: 'attached', netns: 'second', interface: 'eth0' },
    ]);
    expect(watched.names).toEqual(['second/eth0']);
    first.kernel.remove('eth0');
    store.counted.set(1, { egress: 1, ingress: 2, bytes: 3 });
    await watched.follow();
    first.where = { ...first.where, name: 'third', path: '/ns/third' };
    first.kernel.links = links('lo', 'eth0');
    await watched.follow();
    expect(watched.tallies()).toMatchObject([
      { netns: 'second', isWatched: false, egress: 1 },
      { netns: 'third', isWatched: true, egress: 0 },
    ]);
  });

  test('where nothing is left of those that were named, the run ends', async () => {
    const [web, db] = [come('web', 'eth0'), come('db', 'eth0')];
    const watched = watch(['web', 'db']);
    await watched.begin();
    go(web);
    expect(await watched.follow()).toHaveLength(1);
    go(db);
    expect(watched.check()).toHaveLength(1);
    expect(() => watched.check()).toThrow(new Fault('network namespace db is gone'));
    await expect(watched.follow()).rejects.toThrow('network namespace db is gone');
  });

  test('where others may come, it goes on', async () => {
    const web = come('web', 'eth0');
    const watched = watch();
    await watched.begin();
    go(web);
    await watched.follow();
    expect(watched.check()).toEqual([]);
    expect(watched.names).toEqual([]);
    come('web', 'eth0');
    expect(await watched.follow()).toEqual([
      { change: 'attached', netns: 'web', interface: 'eth0' },
    ]);
  });

  test('one that cannot be entered is told once, and the others go on', async () => {
    come('web', 'eth0');
    const watched = watch();
    await watched.begin();
    const closed = come('db', 'eth0');
    closed.refusal = new KernelError('enter the network namespace db', 1);
    const reason = closed.refusal.message;
    expect(await watched.follow()).toEqual([
      { change: 'refused', netns: 'db', interface: 'eth*', reason },
    ]);
    expect(await watched.follow()).toEqual([]);
    // Another that has its number is another.
    go(closed);
    await watched.follow();
    closed.isGone = false;
    closed.refusal = undefined;
    closed.kernel.links = links('eth0');
    expect(await watched.follow()).toMatchObject([{ change: 'attached', netns: 'db' }]);
  });

  test('one that could not be entered for want of room is told once, and tried again', async () => {
    come('web', 'eth0');
    const watched = watch();
    await watched.begin();
    const closed = come('db', 'eth0');
    closed.refusal = new KernelError('enter the network namespace db', constants.errno.ENFILE);
    const refused = { change: 'refused', netns: 'db', reason: closed.refusal.message };
    expect(await watched.follow()).toMatchObject([refused]);
    expect(await watched.follow()).toEqual([]);
    closed.refusal = undefined;
    expect(await watched.follow()).toMatchObject([{ change: 'attached', netns: 'db' }]);
    expect(await watched.follow()).toEqual([]);
  });

  test('none is gone where there was no room to list them, for a while', async () => {
    come('web', 'eth0');
    const watched = watch();
    await watched.begin();
    listFault = Object.assign(new Error('EMFILE'), { code: 'EMFILE' });
    come('db', 'eth0');
    for (let time = 1; time < 30; time++) expect(await watched.follow()).toEqual([]);
    await expect(watched.follow()).rejects.toThrow('EMFILE');
    expect(watched.names).toEqual(['web/eth0']);
    listFault = undefined;
    expect(await watched.follow()).toMatchObject([{ change: 'attached', netns: 'db' }]);
  });

  test('many at once are told in parts', async () => {
    come('web', 'eth0');
    const watched = watch();
    await watched.begin();
    for (let count = 0; count < 50; count++) come(`ns${count}`, 'eth0');
    const first = await watched.follow();
    expect(watched.isBehind).toBe(true);
    expect(first.length).toBeLessThan(50);
    const rest = await watched.follow();
    expect(first.length + rest.length).toBe(50);
    expect(watched.isBehind).toBe(false);
  });

  test('all are looked at in turns', async () => {
    const many = Array.from({ length: 40 }, (_, at) => come(`ns${at}`, 'eth0'));
    const watched = watch();
    await watched.begin();
    while ((await watched.follow()).length > 0);
    for (let second = 0; second < 3; second++) {
      watched.check();
      watched.lookOut({ egress: 0, ingress: 0, bytes: 0 });
    }
    expect(many.map(({ kernel }) => kernel.on('eth0').looks.length)).not.toContain(0);
  });
});

test('what was found there is told with its namespace', async () => {
  const { kernel } = come('web', 'eth0');
  const watched = watch();
  await watched.begin();
  const found = { change: 'moved', hook: 'ingress', predecessors: [], interface: 'eth0' } as const;
  kernel.on('eth0').found = [found];
  const news = watched.lookOut({ egress: 0, ingress: 0, bytes: 0 });
  expect(news).toEqual([{ ...found, netns: 'web' }]);
  expect(watched.sightings).toEqual([{ ...found, netns: 'web' }]);
  expect(watched.predecessors()).toEqual({
    egress: [{ programId: 7, name: 'before eth0' }],
    ingress: [],
  });
});

test('at the end they are left', async () => {
  const { kernel } = come('web', 'eth0');
  const watched = watch();
  await watched.begin();
  await watched.leave();
  expect(kernel.on('eth0').isDetached).toBe(true);
  kernel.links.push(link(9, 'eth9'));
  expect(await watched.follow()).toEqual([]);
});
