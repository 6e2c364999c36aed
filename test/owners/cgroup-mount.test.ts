import { expect, test } from '@jest/globals';
import { cgroupMountsIn, pathIn } from '../../src/owners/cgroup-mount.js';

const V1 = '32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu';
const V2 = '30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';
const HYBRID = '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw';
const PART =
  '69 46 0:38 /docker/3f\\040a /mnt/with\\040a\\134 rw shared:1 master:2 - cgroup2 none rw';
const ABOVE = '60 50 0:38 /../.. /up rw,relatime - cgroup2 cgroup2 rw';
const LIKE_IT = '70 46 0:40 / /mnt/cgroup2 rw - tmpfs cgroup2 rw';

const points = (...lines: string[]) =>
  cgroupMountsIn(`${lines.join('\n')}\n`).map(({ point }) => point);

test('only cgroup2 is taken', () => {
  expect(points(V1, LIKE_IT)).toEqual([]);
  expect(points(V1, V2)).toEqual(['/sys/fs/cgroup']);
  expect(points(V1, HYBRID, LIKE_IT)).toEqual(['/sys/fs/cgroup/unified']);
});

test('whole ones come first, of each kind the latest', () => {
  const ways = points(ABOVE, V2, PART, HYBRID);
  expect(ways).toEqual(['/sys/fs/cgroup/unified', '/sys/fs/cgroup', '/mnt/with a\\', '/up']);
});

test('where it is mounted for the machine comes before where it is mounted for others', () => {
  const elsewhere = V2.replace('/sys/fs/cgroup', '/var/lib/machines/a/sys/fs/cgroup');
  expect(points(V2, elsewhere)[0]).toBe('/sys/fs/cgroup');
  expect(points(HYBRID, elsewhere)[0]).toBe('/sys/fs/cgroup/unified');
  expect(points(elsewhere, PART)[0]).toBe('/var/lib/machines/a/sys/fs/cgroup');
});

test('what is escaped is read, also in what is mounted', () => {
  expect(cgroupMountsIn(PART)).toEqual([{ root: '/docker/3f a', point: '/mnt/with a\\' }]);
});

test.each([
  ['', '/sys/fs/cgroup', '/'],
  ['', '/sys/fs/cgroup/system.slice/a.service', '/system.slice/a.service'],
  ['/docker/3fa', '/sys/fs/cgroup', '/docker/3fa'],
  ['/docker/3fa', '/sys/fs/cgroup/init', '/docker/3fa/init'],
  ['', '/sys/fs/cgroup2', undefined],
  ['', '/', undefined],
])('mounted from %j: %s is %s', (base, directory, path) => {
  expect(pathIn({ point: '/sys/fs/cgroup', base, level: 0 }, directory)).toBe(path);
});
