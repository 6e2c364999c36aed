import { describe, expect, test } from '@jest/globals';
import { CGROUP_PLACE, LIMIT, OWNER_FILTER } from '../../src/core/layouts.js';
import { writeOwnerFilter } from '../../src/core/owner-filter.js';
import { EVERYONE } from '../../src/sampling/owner-filter.js';

function written(filter: Parameters<typeof writeOwnerFilter>[1]): Buffer {
  const memory = Buffer.alloc(OWNER_FILTER.size);
  writeOwnerFilter({ memory: () => memory }, filter);
  return memory;
}

describe("the owners' filter", () => {
  test('of everyone is all zeros', () => {
    expect(written(EVERYONE)).toEqual(Buffer.alloc(OWNER_FILTER.size));
  });

  test('has each cgroup and pid in its place', () => {
    const cgroups = Array.from({ length: LIMIT.cgroups }, (_, index) => ({
      id: 0xffff_ffff_0000_0000n + BigInt(index),
      level: index,
    }));
    const pids = Array.from({ length: LIMIT.pids }, (_, index) => 4_000_000 + index);
    const memory = written({ cgroups, pids });
    expect(memory.readUInt32LE(OWNER_FILTER.cgroupCount)).toBe(LIMIT.cgroups);
    expect(memory.readUInt32LE(OWNER_FILTER.pidCount)).toBe(LIMIT.pids);
    for (const [index, pid] of pids.entries()) {
      expect(memory.readUInt32LE(OWNER_FILTER.pids + 4 * index)).toBe(pid);
    }
    for (const [index, { id, level }] of cgroups.entries()) {
      const at = OWNER_FILTER.cgroups + index * CGROUP_PLACE.size;
      expect(memory.readBigUInt64LE(at + CGROUP_PLACE.id)).toBe(id);
      expect(memory.readUInt32LE(at + CGROUP_PLACE.level)).toBe(level);
    }
  });

  test.each([
    { cgroups: Array(LIMIT.cgroups + 1).fill({ id: 1n, level: 0 }), pids: [] },
    { cgroups: [], pids: Array(LIMIT.pids + 1).fill(1) },
  ])('has no room for more', (filter) => {
    expect(() => written(filter)).toThrow(RangeError);
  });
});
