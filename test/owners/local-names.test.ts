import { expect, test } from '@jest/globals';
import type { CgroupPaths } from '../../src/owners/cgroup-paths.js';
import { LocalNames } from '../../src/owners/local-names.js';

const never = () => {
  throw new Error('not to be called');
};

function namesFrom(namesOf: CgroupPaths['namesOf']): LocalNames {
  const paths = { namesOf, close() {} } as unknown as CgroupPaths;
  return new LocalNames({ paths, object: '/none', found: never, failed: never });
}

test('a cgroup that cannot be looked up has no name', () => {
  const names = namesFrom(() => {
    throw Object.assign(new Error('EIO: i/o error, readlink'), { code: 'EIO' });
  });
  expect(names.cgroup(7n)).toBeUndefined();
});

test('the names of a cgroup are as its path has them', () => {
  expect(namesFrom((id) => ({ cgroup: `/${id}` })).cgroup(7n)).toEqual({ cgroup: '/7' });
});
