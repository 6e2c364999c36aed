import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { CgroupPaths } from '../../src/owners/cgroup-paths.js';
import { LocalNames } from '../../src/owners/local-names.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const never = () => {
  throw new Error('not to be called');
};

const inFolder = useTemporaryFolder();

function namesFrom(namesOf: CgroupPaths['namesOf'], initFile = '/none'): LocalNames {
  const paths = { namesOf, close() {} } as unknown as CgroupPaths;
  return new LocalNames({ paths, object: '/none', found: never, failed: never, initFile });
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

test('the cgroup of process 1 is one for all that have none of their own', () => {
  const file = inFolder('cgroup');
  writeFileSync(file, '0::/7\n');
  const names = namesFrom((id) => ({ cgroup: `/${id}` }), file);
  expect(names.cgroup(7n)).toEqual({ cgroup: '/7', isCommonCgroup: true });
  expect(names.cgroup(8n)).toEqual({ cgroup: '/8' });
});
