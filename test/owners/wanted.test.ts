import { describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import type { Cgroup, CgroupPaths } from '../../src/owners/cgroup-paths.js';
import { ownerFilter, type WantedOwners } from '../../src/owners/wanted.js';

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

describe('refused, in words', () => {
  test.each([
    [{ cgroups: ['/nginx'] }, 'there is no cgroup /nginx'],
    [{ containers: ['c'] }, "no container's id begins with c"],
    [{ containers: ['a'] }, `the ids of 2 containers begin with a: ${A}, ${B}`],
    [{ pids: [4_194_305] }, 'there is no process 4194305'],
    [{ pids: [99_999_999_999] }, 'there is no process 99999999999'],
    [{ pids: Array(17).fill(1) }, 'at most 16 pids are possible'],
    [{ containers: Array(33).fill('aa') }, 'at most 64 cgroups and containers are possible'],
  ])('%j', (wanted, message) => {
    expect(() => filter(wanted)).toThrow(UsageError);
    expect(() => filter(wanted)).toThrow(message);
  });
});
