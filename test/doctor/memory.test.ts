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
const UNKNOWN = 'up to 241 MiB needed; available memory unknown';

test('without a limit, the available memory counts', () => {
  const files = { ...PLENTY, ...UNIT, [`${SLICE}/memory.max`]: 'max\n' };
  expect(memory(machine(files))).toEqual({
    what: 'memory',
    status: 'ok',
    found: 'up to 241 MiB needed, 4096 MiB available',
  });
});

test('little available memory is warned of', () => {
  const finding = memory(machine({ '/proc/meminfo': 'MemAvailable: 102400 kB\n' }));
  expect(finding).toMatchObject({ status: 'warning' });
  expect(finding.found).toBe('up to 241 MiB needed, 100 MiB available');
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
      'up to 1402 MiB needed, 512 MiB available (memory.max of /system.slice)',
    ]);
    expect(memory(machine(limited(1_402)), capacity)).toMatchObject({ status: 'ok' });
  });

  test('few want little; fewer are no help then', () => {
    const few = { flows: 1_024, timestamps: 1_024 };
    expect(memory(machine(limited(106)), few)).toMatchObject({ status: 'ok' });
    expect(memory(machine(limited(64)), few)).toMatchObject({
      status: 'warning',
      fix: 'add memory',
    });
  });
});

describe('the lowest limit counts, wherever it is on the way to the root:', () => {
  test.each([
    ['its own', `${SLICE}/pping.service/memory.max`, '/system.slice/pping.service'],
    ['of what it is in', `${SLICE}/memory.max`, '/system.slice'],
    ['of the root, as a container has', '/sys/fs/cgroup/memory.max', '/'],
  ])('%s', (_, path, group) => {
    const found = `up to 241 MiB needed, 64 MiB available (memory.max of ${group})`;
    const files = { ...PLENTY, ...UNIT, [path]: `${64 * MIB}\n` };
    expect(memory(machine(files))).toMatchObject({ status: 'warning', found });
  });

  test('and enough is enough', () => {
    const files = { ...PLENTY, ...UNIT, [`${SLICE}/memory.max`]: `${512 * MIB}\n` };
    const found = 'up to 241 MiB needed, 512 MiB available (memory.max of /system.slice)';
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
  expect(memory(machine(files)).found).toContain(
    '128 MiB available (memory.limit_in_bytes of /group)',
  );
});

test('what version 1 calls a limit where there is none is none', () => {
  const files = {
    '/proc/self/cgroup': '4:memory:/\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
  };
  expect(memory(machine(files)).found).toBe(UNKNOWN);
});

test('where the cgroup is unknown, no limit of another counts', () => {
  expect(memory(machine({ '/sys/fs/cgroup/memory.max': `${64 * MIB}\n` })).found).toBe(UNKNOWN);
});

test('where nothing can be read, that is said', () => {
  expect(memory(machine())).toMatchObject({ status: 'warning', found: UNKNOWN });
});
