/** Sockets as they open are noted by either way, and each notes the same. */
import { execFileSync } from 'node:child_process';
import { afterEach, expect, jest, test } from '@jest/globals';
import { Cleanup } from '../../lab/cleanup.js';
import { createNamespace } from '../../lab/netns.js';
import { PATIENCE } from '../../lab/until.js';
import { LITTLE } from '../../src/core/endianness.js';
import { OWNER } from '../../src/core/layouts.js';
import { takeElements } from '../../src/libbpf/elements.js';
import { type CgroupRoot, OpenedSockets } from '../../src/live/opened-sockets.js';
import { ETHERNET, loadPrograms } from '../../src/live/programs.js';
import { OPENED_MAP } from '../../src/maps/opened-sockets.js';
import { findCgroupMount } from '../../src/owners/cgroup-mount.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { EVERYONE } from '../../src/sampling/owner-filter.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import { makeCgroup, makeCgroupIn, type TestCgroup } from '../helpers/kernel/cgroup.js';
import { counterIn, settingOf } from '../helpers/lab/having.js';
import { type Manner, TellersProgram } from '../helpers/lab/tellers.js';
import { compileHelper } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000 * PATIENCE);

const PORT = 7_418;
const NO_ROOT: CgroupRoot = { directory: undefined, lacking: 'it is not there' };
const MANNERS: readonly Manner[] = [
  ...([
    'plain',
    'nowait',
    'thread',
    'worker',
    'again',
    'fast',
    'mptcp',
    'mapped',
    'parent',
  ] as const),
];
/** struct opened_socket (bpf/kernel/opened_sockets.h) */
const OPENED = {
  ...{ keyBytes: 8, valueBytes: OWNER.size + 48 },
  ...{ owner: 0, ports: OWNER.size + 32 },
} as const;

const file = useTemporaryFolder();
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** What runs in it has to end first. */
function cgroupNamed(name: string): TestCgroup {
  const cgroup = makeCgroup(name);
  cleanup.add(() => cgroup.remove());
  return cgroup;
}

/** Programs of their own, and what attaches them. */
async function note(root: CgroupRoot) {
  const attribution = { owners: true, originals: 'none' as const, filter: EVERYONE };
  const constants = { capacity: DEFAULT_CAPACITY, filter: NO_FILTER, attribution };
  const object = await loadPrograms(ETHERNET, constants);
  cleanup.add(async () => object.close());
  const sockets = new OpenedSockets(object, root);
  cleanup.add(async () => sockets.close());
  const { fd } = object.map(OPENED_MAP);
  return { sockets, ofCgroup: (cgroup: TestCgroup) => ofCgroup(fd, cgroup) };
}

/**
 * What is noted of a cgroup's connections to PORT, in no order. Sockets of the whole machine are noted: others may have
 * the port, too, as clients of lab/soak, whose own ports are any.
 */
async function ofCgroup(fd: number, cgroup: TestCgroup): Promise<string[]> {
  const { keyBytes, valueBytes, owner, ports } = OPENED;
  const found: string[] = [];
  for await (const { keys, values, count } of takeElements(fd, keyBytes, valueBytes, 4096)) {
    for (let at = 0; at < count; at++) {
      const key = keys.subarray(at * keyBytes, (at + 1) * keyBytes);
      const value = values.subarray(at * valueBytes, (at + 1) * valueBytes);
      const read = (offset: number) =>
        LITTLE ? value.readUInt16LE(offset) : value.readUInt16BE(offset);
      const id = value[LITTLE ? 'readBigUInt64LE' : 'readBigUInt64BE'](owner + OWNER.cgroup);
      if (id !== cgroup.id || ![read(ports), read(ports + 2)].includes(PORT)) continue;
      found.push(`${key.toString('hex')} ${value.toString('hex')}`);
    }
  }
  return found.sort();
}

test(`both ends of connections are noted alike, whatever way they connect: ${MANNERS.join(', ')}`, async () => {
  const cgroup = cgroupNamed('tellers');
  const namespace = await createNamespace();
  cleanup.add(() => namespace.close());
  const program = new TellersProgram(file('tellers'));
  // The second one has the server's cookie for Fast Open.
  await namespace.run(settingOf(namespace, 'tcp_fastopen', [3, 1]).begin);
  const server = await program.serve({ namespace, cgroup }, PORT);
  const all = await note({ directory: findCgroupMount()?.point, lacking: undefined });
  const late = await note(NO_ROOT);
  expect([all.sockets.noted, late.sockets.noted]).toEqual(['all', 'late']);

  let count = 0;
  for (const manner of MANNERS) {
    for (const address of ['127.0.0.1', '::1']) {
      const calls = { to: { address, port: PORT }, count: 3, name: manner, manner };
      count += (await program.call({ namespace, cgroup }, calls)).length;
    }
  }
  await server.accepted(count);
  const [expected, noted] = [await all.ofCgroup(cgroup), await late.ofCgroup(cgroup)];
  expect(noted).toEqual(expected);
  expect(noted.length).toBe(2 * count);
  expect(await counterIn(namespace, 'TcpExtTCPFastOpenPassive')).toBeGreaterThan(0);
});

test('where a program tolerates no other, it is by the states that sockets go through', async () => {
  const cgroup = cgroupNamed('alone');
  compileHelper('kernel/alone.c', file('alone'));
  execFileSync(file('alone'), [cgroup.directory]);
  const { directory } = makeCgroupIn(cgroup, 'below');
  const { sockets } = await note({ directory, lacking: undefined });
  expect(sockets).toMatchObject({
    noted: 'late',
    reason: `a sock_ops program at ${directory} allows no other program (EPERM)`,
  });
});

test('where only a part of the cgroups is there, it is all by their states, not those of the part', async () => {
  const { directory } = cgroupNamed('part');
  const { sockets } = await note({ directory, lacking: 'only a part is there' });
  expect(sockets).toMatchObject({ noted: 'late', reason: 'only a part is there' });
});
