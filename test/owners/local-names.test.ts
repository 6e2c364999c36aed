import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { CgroupPaths } from '../../src/owners/cgroup-paths.js';
import { ContainerNames } from '../../src/owners/container-names.js';
import { LocalNames } from '../../src/owners/local-names.js';
import type { RuntimeNames } from '../../src/owners/runtime-names.js';
import { containerId } from '../helpers/runner/containers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const never = () => {
  throw new Error('not to be called');
};

const inFolder = useTemporaryFolder();

function namesFrom(
  namesOf: CgroupPaths['namesOf'],
  initFile = '/none',
  containers?: ContainerNames,
): LocalNames {
  const paths = { namesOf, close() {} } as unknown as CgroupPaths;
  const parts = { paths, containers, object: '/none', found: never, failed: never, initFile };
  return new LocalNames(parts);
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

describe('the name of its container', () => {
  const container = containerId('a0');
  const namesOf: CgroupPaths['namesOf'] = (id) =>
    id === 7n ? { cgroup: '/7', container } : undefined;
  const containersWith = (found: RuntimeNames) =>
    new ContainerNames({ sources: [{ find: () => found }] });

  test('is told with the cgroup', () => {
    const names = namesFrom(namesOf, '/none', containersWith({ containerName: 'web' }));
    expect(names.cgroup(7n)).toEqual({ cgroup: '/7', container, containerName: 'web' });
    expect(names.mayKnowMore(7n)).toBe(false);
    expect(names.cgroup(8n)).toBeUndefined();
    expect(names.mayKnowMore(8n)).toBe(false);
  });

  test('may come later', () => {
    const names = namesFrom(namesOf, '/none', containersWith({}));
    expect(names.cgroup(7n)).toEqual({ cgroup: '/7', container });
    expect(names.mayKnowMore(7n)).toBe(true);
  });

  test('is not looked for where it is not wanted', () => {
    const names = namesFrom(namesOf);
    expect(names.cgroup(7n)).toEqual({ cgroup: '/7', container });
    expect(names.mayKnowMore(7n)).toBe(false);
  });
});
