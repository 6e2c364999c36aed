/** Which interfaces a run has, and what is told, as they come and go; the kernel is a test's own. */
import { constants } from 'node:os';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { KernelError } from '../../src/libbpf/errors.js';
import type { WatchedInterfaces } from '../../src/live/watched-interfaces.js';
import { FakeInterfaces, link, links } from '../helpers/events/interfaces.js';

const ATTACHED = { change: 'attached', interface: 'eth2' };
const goneText = (name: string) => `interface ${name} is gone`;

let kernel: FakeInterfaces;
let watched: WatchedInterfaces;

beforeEach(async () => {
  kernel = new FakeInterfaces(links('lo', 'eth0', 'eth1'));
  watched = kernel.watched(['eth0', 'eth1', 'eth2']);
  await watched.begin();
});

/** Begins anew, with interfaces of these words. */
async function begin(included: string[], more = {}): Promise<unknown> {
  watched = kernel.watched(included, more);
  return watched.begin();
}

const gone = (name: string) => ({
  change: 'detached',
  interface: name,
  isGone: true,
  reason: goneText(name),
});

describe('at the beginning', () => {
  test('they are those that are there', () => {
    expect(watched.names).toEqual(['eth0', 'eth1']);
    expect(watched.method).toBe('tcx');
    expect(watched.nameOf(2)).toBe('eth0');
  });

  test('one that cannot be had and was not named is told, and left alone', async () => {
    kernel.refusals.set('eth1', 'no room');
    const [, ...interfaces] = kernel.links;
    const changes = await begin(['eth*'], { interfaces });
    expect(changes).toEqual([{ change: 'refused', interface: 'eth1', reason: 'no room' }]);
    expect(await watched.follow()).toEqual([]);
    expect(watched.names).toEqual(['eth0']);
  });

  test('one that was named has to be had', async () => {
    kernel.refusals.set('eth1', 'no room');
    await expect(begin(['eth0', 'eth1', 'any'])).rejects.toThrow(
      /^interface eth1 cannot be watched: no room$/,
    );
  });

  test('where none can be had, that is a fault', async () => {
    kernel.refusals.set('eth0', 'no room').set('eth1', 'no room there either');
    const [, ...interfaces] = kernel.links;
    await expect(begin(['any'], { interfaces })).rejects.toThrow(
      /^interface eth0 cannot be watched: no room$/,
    );
  });

  test('where the only one goes while pping is being attached, others may come', async () => {
    kernel.links = [link(2, 'eth0')];
    kernel.meanwhile = (name) => kernel.remove(name);
    kernel.refusals.set('eth0', 'no such device');
    expect(await begin(['eth*'], { interfaces: [link(2, 'eth0')] })).toEqual([]);
    kernel.meanwhile = () => {};
    kernel.links = [link(4, 'eth2')];
    expect(await watched.follow()).toEqual([ATTACHED]);
  });

  test('where there is none yet, there may be one later', async () => {
    expect(await begin(['veth*'])).toEqual([]);
    expect(watched.names).toEqual([]);
    expect(watched.method).toBeUndefined();
    expect(watched.predecessors()).toEqual({ egress: [], ingress: [] });
    expect(watched.check()).toEqual([]);
    kernel.links.push(link(9, 'veth9'));
    expect(await watched.follow()).toEqual([{ change: 'attached', interface: 'veth9' }]);
  });
});

describe('one that comes', () => {
  test('is watched where it is wanted', async () => {
    kernel.links.push(link(4, 'eth2'), link(5, 'eth3'));
    expect(await watched.follow()).toEqual([ATTACHED]);
    expect(await watched.follow()).toEqual([]);
    expect(watched.names).toEqual(['eth0', 'eth1', 'eth2']);
  });

  test('is watched by "any" once it is up', async () => {
    await begin(['any']);
    kernel.links = [link(4, 'eth2', { isUp: false })];
    expect(await watched.follow()).toEqual([]);
    kernel.links = [link(4, 'eth2')];
    expect(await watched.follow()).toEqual([ATTACHED]);
    kernel.links = [link(4, 'eth2', { isUp: false })];
    expect(await watched.follow()).toEqual([]);
    expect(watched.names).toEqual(['eth2']);
  });

  test('is told as refused, and not tried again until it is gone', async () => {
    kernel.links.push(link(4, 'eth2'));
    kernel.refusals.set('eth2', 'no room');
    const refused = { change: 'refused', interface: 'eth2', reason: 'no room' };
    expect(await watched.follow()).toEqual([refused]);
    kernel.refusals.clear();
    expect(await watched.follow()).toEqual([]);
    kernel.remove('eth2');
    expect(await watched.follow()).toEqual([]);
    kernel.links.push(link(4, 'eth2'));
    expect(await watched.follow()).toEqual([ATTACHED]);
  });

  test.each(['ENOMEM', 'ENFILE', 'EMFILE'] as const)(
    'is told as refused once, and tried again, where it was for want of room: %s',
    async (name) => {
      const fault = new KernelError('attach to eth2', constants.errno[name]);
      kernel.refusals.set('eth2', fault).set('eth3', fault);
      kernel.links.push(link(4, 'eth2'), link(5, 'eth3'));
      watched = kernel.watched(['any']);
      const refused = { change: 'refused', reason: fault.message };
      expect(await watched.follow()).toMatchObject([
        ...[{ change: 'attached' }, { change: 'attached' }, { change: 'attached' }],
        ...[
          { ...refused, interface: 'eth2' },
          { ...refused, interface: 'eth3' },
        ],
      ]);
      kernel.tried.length = 0;
      expect([await watched.follow(), kernel.tried]).toEqual([[], ['eth2']]);
      kernel.refusals.clear();
      const attached = (await watched.follow()).map((change) => change.interface);
      expect(attached).toEqual(['eth2', 'eth3']);
      expect(await watched.follow()).toEqual([]);
    },
  );

  test('that had no room and now is refused for good is told again, and left alone', async () => {
    kernel.links.push(link(4, 'eth2'));
    kernel.refusals.set('eth2', new KernelError('attach to eth2', constants.errno.ENOMEM));
    expect(await watched.follow()).toHaveLength(1);
    kernel.refusals.set('eth2', 'no programs');
    expect(await watched.follow()).toMatchObject([{ change: 'refused', reason: 'no programs' }]);
    kernel.refusals.clear();
    expect(await watched.follow()).toEqual([]);
  });

  test('is tried again where the kernel has room neither for it nor for a list', async () => {
    kernel.links.push(link(4, 'eth2'));
    const { list } = kernel;
    kernel.refusals.set('eth2', 'no room');
    kernel.meanwhile = () => {
      kernel.list = () => {
        throw new KernelError('list the interfaces', 105);
      };
    };
    expect(await watched.follow()).toEqual([]);
    kernel.refusals.clear();
    kernel.meanwhile = () => {};
    kernel.list = list;
    expect(await watched.follow()).toEqual([ATTACHED]);
  });

  test('and goes while pping is being attached is nothing to speak of', async () => {
    kernel.links.push(link(4, 'eth2'));
    kernel.meanwhile = (name) => kernel.remove(name);
    kernel.refusals.set('eth2', 'no such device');
    expect(await watched.follow()).toEqual([]);
    expect(watched.names).toEqual(['eth0', 'eth1']);
  });

  test.each([
    ['that cannot be read', undefined, 'it carries neither Ethernet nor plain IP'],
    ['for which there are no programs', 'ip', 'eth2 is now an interface of another kind'],
  ] as const)('of a kind %s is refused', async (_, linkLayer, reason) => {
    kernel.links.push(link(4, 'eth2', { linkLayer }));
    const refused = { change: 'refused', interface: 'eth2', reason };
    expect(await watched.follow()).toEqual([refused]);
    expect(await watched.follow()).toEqual([]);
  });
});

describe('where the kernel does not list them', () => {
  const noRoom = () => {
    throw new KernelError('list the interfaces', 105);
  };

  test('they are listed again at once', async () => {
    const { list } = kernel;
    kernel.links.push(link(4, 'eth2'));
    kernel.list = noRoom;
    expect([await watched.follow(), watched.isBehind]).toEqual([[], true]);
    kernel.list = list;
    expect([await watched.follow(), watched.isBehind]).toEqual([[ATTACHED], false]);
  });

  test('for long, that is a fault', async () => {
    kernel.list = noRoom;
    for (let times = 1; times < 30; times++) await watched.follow();
    await expect(watched.follow()).rejects.toThrow('cannot list the interfaces');
  });
});

describe('one that goes', () => {
  test.each([
    ['is told when interfaces change', () => watched.follow()],
    ['is told when it is looked at', () => watched.check()],
  ])('%s', async (_, look) => {
    kernel.remove('eth0');
    expect(await look()).toEqual([gone('eth0')]);
    expect(await look()).toEqual([]);
    expect(watched.names).toEqual(['eth1']);
    expect(kernel.on('eth0').isDetached).toBe(true);
    expect(watched.nameOf(2)).toBe('eth0');
  });

  test.each([
    ['as another', 7],
    ['as the same, as from another namespace', 2],
  ])('is watched again when it comes back %s', async (_, index) => {
    kernel.remove('eth0');
    await watched.follow();
    kernel.links.push(link(index, 'eth0'));
    expect(await watched.follow()).toEqual([{ change: 'attached', interface: 'eth0' }]);
    expect(watched.names).toEqual(['eth1', 'eth0']);
  });

  test('and has gone and come between two looks is told of twice', async () => {
    kernel.remove('eth0');
    kernel.links.push(link(7, 'eth0'));
    expect(await watched.follow()).toEqual([
      gone('eth0'),
      { change: 'attached', interface: 'eth0' },
    ]);
  });
});

test('one that somebody has taken pping off twice is left alone until it is gone', async () => {
  const reason = 'another program removed pping from eth0';
  const detached = { change: 'detached', interface: 'eth0', isGone: false, reason };
  kernel.on('eth0').isTakenOff = true;
  expect(watched.check()).toEqual([detached]);
  expect(await watched.follow()).toEqual([{ change: 'attached', interface: 'eth0' }]);
  kernel.on('eth0').isTakenOff = true;
  expect(watched.check()).toEqual([detached]);
  expect(await watched.follow()).toEqual([]);
  kernel.remove('eth0');
  await watched.follow();
  kernel.links.push(link(2, 'eth0'));
  expect(await watched.follow()).toEqual([{ change: 'attached', interface: 'eth0' }]);
});

test('one that is renamed goes on being watched, and is told once', async () => {
  kernel.rename('eth0', 'wan');
  const renamed = { change: 'renamed', interface: 'eth0', to: 'wan' };
  expect(await watched.follow()).toEqual([renamed]);
  expect(await watched.follow()).toEqual([]);
  kernel.rename('wan', 'lan');
  expect(watched.check()).toEqual([{ ...renamed, interface: 'wan', to: 'lan' }]);
  expect(watched.names).toEqual(['lan', 'eth1']);
  expect([watched.nameOf(2), watched.takeNewNames(), watched.takeNewNames()]).toEqual([
    'lan',
    true,
    false,
  ]);
});

test('another one may get the name that it had', async () => {
  kernel.rename('eth0', 'wan');
  kernel.links.push(link(9, 'eth0'));
  await watched.follow();
  expect(watched.names).toEqual(['wan', 'eth1', 'eth0']);
  kernel.remove('wan');
  expect(await watched.follow()).toMatchObject([{ change: 'detached', interface: 'wan' }]);
});

describe('where none is left', () => {
  test.each([
    ['when interfaces change', async () => watched.follow()],
    ['when they are looked at', async () => watched.check()],
  ])('and none may come, that is told, and then a fault: %s', async (_, look) => {
    kernel.links = [];
    expect(await look()).toEqual([gone('eth0'), gone('eth1')]);
    await expect(look()).rejects.toThrow(goneText('eth1'));
  });

  test('others may come where any may', async () => {
    await begin(['eth0', 'veth*']);
    kernel.links = [];
    expect(await watched.follow()).toEqual([gone('eth0')]);
    expect(watched.names).toEqual([]);
  });

  test('a run of one says why, whether it is gone or not', async () => {
    await begin(['eth0'], { areSeveral: false });
    kernel.on('eth0').isTakenOff = true;
    expect(() => watched.check()).toThrow('another program removed pping from eth0');
  });
});

describe('once it is over', () => {
  test('none is watched, and no end of one is a fault', async () => {
    watched.detach();
    expect(kernel.attached.map(({ isDetached }) => isDetached)).toEqual([true, true]);
    kernel.links = [link(4, 'eth2')];
    await watched.follow();
    expect(kernel.attached).toHaveLength(2);
  });

  test('what is just being attached is detached at once, and what comes after it is not begun', async () => {
    await begin(['eth*']);
    kernel.meanwhile = () => watched.detach();
    await watched.follow();
    expect(kernel.attached.slice(2).map(({ name, isDetached }) => [name, isDetached])).toEqual([
      ['eth0', true],
    ]);
  });
});
