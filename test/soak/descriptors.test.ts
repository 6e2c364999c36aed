import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { countOf, descriptorsOf, fewestOf, leaksIn } from '../../soak/descriptors.js';

const look = (counts: object) => new Map<string, number>(Object.entries(counts));

describe('of several looks the least of each kind counts', () => {
  test('so that what is open for a moment does not, whatever else is', () => {
    const looks = [
      look({ socket: 2, '/sys/fs/cgroup/a': 1 }),
      look({ socket: 3 }),
      look({ socket: 2, 'anon_inode:bpf_iter': 1 }),
    ];
    expect(fewestOf(looks)).toEqual(look({ socket: 2 }));
  });

  test('and one that stays open does', () => {
    const before = fewestOf([look({ socket: 2 }), look({ socket: 3 })]);
    const after = fewestOf([look({ socket: 4 }), look({ socket: 3, pipe: 1 })]);
    expect(leaksIn(before, after)).toEqual(['1 of socket']);
  });
});

test('a kind that was not there before is a leak, also where another is gone', () => {
  const [first, last] = [look({ socket: 1, pipe: 2 }), look({ socket: 1, pipe: 1, '/tmp/x': 1 })];
  expect(leaksIn(first, last)).toEqual(['1 of /tmp/x']);
});

test('less is no leak', () => {
  expect(leaksIn(look({ socket: 2, pipe: 1 }), look({ socket: 1 }))).toEqual([]);
});

describe('of a process', () => {
  test('one file more is one more of its path', () => {
    const before = descriptorsOf(process.pid);
    const fd = openSync('/etc/hostname', 'r');
    const after = descriptorsOf(process.pid);
    closeSync(fd);
    expect(leaksIn(before, after)).toEqual(['1 of /etc/hostname']);
    expect(leaksIn(before, descriptorsOf(process.pid))).toEqual([]);
  });

  test('one socket is like another', async () => {
    const before = descriptorsOf(process.pid);
    const servers = [await listening(), await listening()];
    const after = descriptorsOf(process.pid);
    for (const server of servers) server.close();
    expect(leaksIn(before, after)).toContain('2 of socket');
    expect(countOf(after)).toBeGreaterThanOrEqual(countOf(before) + 2);
  });
});

function listening(): Promise<ReturnType<typeof createServer>> {
  const server = createServer();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}
