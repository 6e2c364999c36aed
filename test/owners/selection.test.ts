import { describe, expect, test } from '@jest/globals';
import type { WantedOwners } from '../../src/attribution/wanted-owners.js';
import { UsageError } from '../../src/faults.js';
import type { Cgroup, CgroupPaths } from '../../src/owners/cgroup-paths.js';
import type { RuntimeIds, RuntimeNames } from '../../src/owners/runtime-names.js';
import {
  followedFilter,
  isSelected,
  ownerFilter,
  withoutProcesses,
} from '../../src/owners/selection.js';

const A = 'a'.repeat(64);
const B = `ab${'b'.repeat(62)}`;
const NONE: WantedOwners = { cgroups: [], containers: [], pids: [] };

const cgroups: Cgroup[] = [
  { path: '/system.slice/nginx.service', id: 11n, level: 2 },
  { path: `/system.slice/docker-${A}.scope`, id: 12n, level: 2 },
  { path: `/other.slice/docker-${A}.scope`, id: 13n, level: 2 },
  { path: `/system.slice/docker-${B}.scope`, id: 14n, level: 2 },
];
const paths = {
  isMounted: true,
  idOf: (path: string) => cgroups.find((cgroup) => cgroup.path === path),
  containers: (prefix: string) => cgroups.filter(({ path }) => path.includes(`docker-${prefix}`)),
} as CgroupPaths;

const filter = (wanted: Partial<WantedOwners>) => ownerFilter({ ...NONE, ...wanted }, paths);
const idsOf = (wanted: Partial<WantedOwners>) => filter(wanted).cgroups.map(({ id }) => id);

describe('what was asked for', () => {
  test('is nobody in particular', () => expect(filter({})).toEqual({ cgroups: [], pids: [] }));

  test('is cgroups by path, containers by id, with all of their cgroups', () => {
    expect(filter({ cgroups: ['/system.slice/nginx.service'] }).cgroups).toMatchObject([
      { id: 11n, level: 2 },
    ]);
    expect(idsOf({ containers: ['aa'] })).toEqual([12n, 13n]);
    expect(idsOf({ cgroups: ['/system.slice/nginx.service'], containers: [B] })).toEqual([
      11n,
      14n,
    ]);
  });

  test('is processes that there are, of whomever', () => {
    expect(filter({ pids: [1, process.pid] }).pids).toEqual([1, process.pid]);
  });
});

describe('a container by its name', () => {
  const named = (names: Record<string, RuntimeNames>) => ({
    find: ({ container = '' }: RuntimeIds) => names[container] ?? {},
  });
  const idsNamed = (containers: readonly string[], names: Record<string, RuntimeNames>) => {
    const { cgroups: places } = ownerFilter({ ...NONE, containers }, paths, [named(names)]);
    return places.map(({ id }) => id);
  };
  const APP = { containerName: 'app', podName: 'cart', namespace: 'shop' };

  test('is found, with all of its cgroups', () => {
    expect(idsNamed(['web'], { [A]: { containerName: 'web' } })).toEqual([12n, 13n]);
    expect(idsNamed(['shop/cart/app'], { [A]: APP, [B]: { ...APP, podName: 'till' } })).toEqual([
      12n,
      13n,
    ]);
  });

  test('that is also the beginning of its id is found once', () => {
    expect(idsNamed(['aa'], { [A]: { containerName: 'aa' } })).toEqual([12n, 13n]);
  });

  test('is the whole name', () => {
    for (const word of ['we', 'webs', 'WEB', 'undefined/undefined/web']) {
      expect(() => idsNamed([word], { [A]: { containerName: 'web' } })).toThrow(
        `no container matches ${word} by`,
      );
    }
  });

  test('of several is refused', () => {
    const both = { [A]: APP, [B]: { ...APP, podName: 'till' } };
    expect(() => idsNamed(['app'], both)).toThrow(
      `2 containers match app by name or start of the id: ${A}, ${B}`,
    );
    expect(() => idsNamed(['ab'], { [A]: { containerName: 'ab' } })).toThrow(UsageError);
  });

  test('is not looked for where names are not', () => {
    expect(() => filter({ containers: ['web'] })).toThrow('no container matches web by');
  });
});

test('a name of LXC or systemd-nspawn that begins another one is the whole name', () => {
  const machines: Cgroup[] = ['web', 'web2', 'web22'].map((name, at) => ({
    path: `/lxc.payload.${name}`,
    id: BigInt(at + 1),
    level: 1,
  }));
  const containers = (prefix: string) =>
    machines.filter(({ path }) => path.startsWith(`/lxc.payload.${prefix}`));
  const selected = (word: string) =>
    ownerFilter({ ...NONE, containers: [word] }, { ...paths, containers } as CgroupPaths).cgroups;
  expect(selected('web')).toEqual([machines[0]]);
  expect(selected('web2')).toEqual([machines[1]]);
  expect(() => selected('we')).toThrow('3 containers match we by');
});

describe('refused, in words', () => {
  test.each([
    [{ cgroups: ['/nginx'] }, 'no cgroup /nginx'],
    [{ containers: ['c'] }, 'no container matches c by name or start of the id'],
    [{ containers: ['a'] }, `2 containers match a by name or start of the id: ${A}, ${B}`],
    [{ pids: [4_194_305] }, 'no process 4194305'],
    [{ pids: [99_999_999_999] }, 'no process 99999999999'],
    [{ pids: Array(17).fill(1) }, 'at most 16 pids can be selected'],
    [{ containers: Array(33).fill('aa') }, 'at most 64 cgroups and containers can be selected'],
  ])('%j', (wanted, message) => {
    expect(() => filter(wanted)).toThrow(UsageError);
    expect(() => filter(wanted)).toThrow(message);
  });
});

test('without cgroup2 it says so, and how that comes', () => {
  const none = { ...paths, isMounted: false, idOf: () => undefined } as unknown as CgroupPaths;
  expect(() => ownerFilter({ ...NONE, cgroups: ['/a'] }, none)).toThrow(
    'cgroup2 is not mounted here (ip netns exec hides it',
  );
});

test('names of others reach no terminal as they are', () => {
  expect(() => filter({ containers: ['\u001b[2J'] })).toThrow('matches \\u001b[2J');
});

describe('a service that is started again', () => {
  const wanted = { ...NONE, cgroups: ['/system.slice/nginx.service'], containers: [B] };
  const before = ownerFilter(wanted, paths);
  const now = (id: bigint | undefined) => ({
    idOf: (path: string) =>
      id === undefined || path !== wanted.cgroups[0] ? undefined : { path, id, level: 2 },
  });

  test('is followed', () => {
    expect(followedFilter(wanted, before, now(99n))).toMatchObject({
      cgroups: [{ id: 99n, level: 2 }, { id: 14n }],
      pids: [],
    });
  });

  test('is waited for', () =>
    expect(followedFilter(wanted, before, now(undefined))).toBeUndefined());
  test('or was not', () => expect(followedFilter(wanted, before, now(11n))).toBeUndefined());
});

describe('one that was found by its socket is selected', () => {
  const pathOf = (id: bigint) =>
    new Map([
      [1n, '/'],
      [2n, '/system.slice'],
      [3n, '/system.slice/nginx.service'],
      [4n, '/system.slice/nginx.service.d'],
    ]).get(id);
  const is = (cgroup: bigint, wanted: readonly bigint[], pids: readonly number[] = [], pid = 10) =>
    isSelected({ cgroup, pid }, { cgroups: wanted.map((id) => ({ id, level: 1 })), pids }, pathOf);

  test('in the cgroup, and below', () => {
    expect([is(3n, [3n]), is(3n, [2n]), is(3n, [1n]), is(3n, [9n, 2n])]).toEqual(
      Array(4).fill(true),
    );
  });

  test('and not beside it, above it, or in one that is gone', () => {
    expect([is(4n, [3n]), is(2n, [3n]), is(9n, [1n]), is(3n, [9n])]).toEqual(Array(4).fill(false));
    expect(is(9n, [9n])).toBe(true);
  });

  test('by its process, where that is asked for', () => {
    expect([is(3n, [], [10]), is(3n, [], [11]), is(3n, [3n], [11]), is(4n, [3n], [10])]).toEqual([
      ...[true, false, false, false],
    ]);
  });
});

test('processes that have ended are nobody: a filter without any would be for all', () => {
  const filter = withoutProcesses({ cgroups: [], pids: [17, 18] }, [17]);
  const isIt = (pid: number) => isSelected({ cgroup: 1n, pid }, filter, () => undefined);
  expect([17, 18, 19].map(isIt)).toEqual([false, true, false]);
  const { pids } = withoutProcesses(filter, [18]);
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(pid).toBeGreaterThanOrEqual(4_194_304);
});
