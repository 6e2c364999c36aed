import { describe, expect, test } from '@jest/globals';
import type { Machine } from '../../src/doctor/machine.js';
import { memory as memoryFor } from '../../src/doctor/memory.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import { machine } from '../helpers/command/machines.js';

const MIB = 1 << 20;
const memory = (of: Machine, capacity = DEFAULT_CAPACITY) => memoryFor(of, capacity);
const PLENTY = { '/proc/meminfo': 'MemTotal: 8000000 kB\nMemAvailable:    4194304 kB\n' };
const UNIT = { '/proc/self/cgroup': '0::/system.slice/pping.service\n' };
const SLICE = '/sys/fs/cgroup/system.slice';

test('what is available is told where nothing limits it', () => {
  const files = { ...PLENTY, ...UNIT, [`${SLICE}/memory.max`]: 'max\n' };
  expect(memory(machine(files))).toEqual({
    what: 'memory',
    status: 'ok',
    found: '4096 MiB (available)',
  });
});

test('little available memory is warned of', () => {
  const finding = memory(machine({ '/proc/meminfo': 'MemAvailable: 102400 kB\n' }));
  expect(finding).toMatchObject({ status: 'warning' });
  expect(finding.found).toBe('100 MiB (available); up to 236 are needed');
  expect(finding.fix).toContain('--max-flows');
});

describe('what is needed goes by how much may be remembered:', () => {
  const limited = (mib: number) => ({
    ...PLENTY,
    ...UNIT,
    [`${SLICE}/memory.max`]: `${mib * MIB}\n`,
  });
  const capacity = { flows: 1_000_000, timestamps: 2_000_000 };

  test('a million flows want more', () => {
    const { status, found } = memory(machine(limited(512)), capacity);
    expect([status, found]).toEqual([
      'warning',
      '512 MiB (memory.max of /system.slice); up to 1295 are needed',
    ]);
    expect(memory(machine(limited(1_295)), capacity)).toMatchObject({ status: 'ok' });
  });

  test('few want little; fewer are no help then', () => {
    const few = { flows: 1_024, timestamps: 1_024 };
    expect(memory(machine(limited(108)), few)).toMatchObject({ status: 'ok' });
    expect(memory(machine(limited(64)), few)).toMatchObject({
      status: 'warning',
      fix: 'more memory',
    });
  });
});

describe('the least limit counts, wherever it is on the way to the root:', () => {
  test.each([
    ['its own', `${SLICE}/pping.service/memory.max`, '/system.slice/pping.service'],
    ['of what it is in', `${SLICE}/memory.max`, '/system.slice'],
    ['of the root, as a container has', '/sys/fs/cgroup/memory.max', '/'],
  ])('%s', (_, path, group) => {
    const found = `64 MiB (memory.max of ${group}); up to 236 are needed`;
    const files = { ...PLENTY, ...UNIT, [path]: `${64 * MIB}\n` };
    expect(memory(machine(files))).toMatchObject({ status: 'warning', found });
  });

  test('and enough is enough', () => {
    const files = { ...PLENTY, ...UNIT, [`${SLICE}/memory.max`]: `${512 * MIB}\n` };
    const found = '512 MiB (memory.max of /system.slice)';
    expect(memory(machine(files))).toMatchObject({ status: 'ok', found });
  });
});

test('both hierarchies at once: the one that limits memory is asked', () => {
  const files = {
    ...PLENTY,
    '/proc/self/cgroup': '5:devices:/other\n4:memory:/group\n0::/\n',
    '/sys/fs/cgroup/memory/group/memory.limit_in_bytes': `${128 * MIB}\n`,
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  };
  expect(memory(machine(files)).found).toContain('128 MiB (memory.limit_in_bytes of /group)');
});

test('what version 1 calls a limit where there is none is none', () => {
  const files = {
    '/proc/self/cgroup': '4:memory:/\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  };
  expect(memory(machine(files)).found).toBe('not known');
});

test('where the cgroup is not known, the limit of another is not told', () => {
  expect(memory(machine({ '/sys/fs/cgroup/memory.max': `${64 * MIB}\n` })).found).toBe('not known');
});

test('where nothing can be read, that is said', () => {
  expect(memory(machine())).toMatchObject({ status: 'warning', found: 'not known' });
});
