/** Accepted sockets give back at once who listens, whatever notes sockets, and whosever they are. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { afterEach, expect, test } from '@jest/globals';
import { Cleanup } from '../../lab/cleanup.js';
import { until } from '../../lab/until.js';
import { libbpf } from '../../src/libbpf/ffi.js';
import { noteListeners } from '../../src/live/listeners.js';
import { type CgroupRoot, OpenedSockets } from '../../src/live/opened-sockets.js';
import { ETHERNET, loadPrograms } from '../../src/live/programs.js';
import { LISTENERS_MAP } from '../../src/maps/opened-sockets.js';
import { findCgroupMount } from '../../src/owners/cgroup-mount.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { EVERYONE } from '../../src/sampling/owner-filter.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import { makeCgroup } from '../helpers/kernel/cgroup.js';
import { compileHelper } from '../helpers/runner/compile.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const AT_ROOT: CgroupRoot = { directory: findCgroupMount()?.point, lacking: undefined };
const BY_STATES: CgroupRoot = { directory: undefined, lacking: 'of a test' };
/** struct listener */
const LISTENER_BYTES = 32;
const PID_AT = 8;
const WALKS = 1_000;

const file = useTemporaryFolder();
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** As Node has it, and no type says. */
function fdOf(it: Server | Socket | undefined): number {
  return (it as unknown as { _handle: { fd: number } })._handle.fd;
}

test.each([
  ['all', AT_ROOT, false],
  ['all', AT_ROOT, true],
  ['late', BY_STATES, false],
  ['late', BY_STATES, true],
] as const)('%s (%#)', async (noted, root, isFiltered) => {
  const other = makeCgroup('other');
  cleanup.add(() => other.remove());
  const others = { cgroups: [{ id: other.id, level: other.level }], pids: [] };
  const attribution = {
    ...{ owners: true, originals: 'none' as const },
    filter: isFiltered ? others : EVERYONE,
  };
  const constants = { capacity: DEFAULT_CAPACITY, filter: NO_FILTER, attribution };
  const object = await loadPrograms(ETHERNET, constants);
  cleanup.add(async () => object.close());
  const sockets = new OpenedSockets(object, root);
  cleanup.add(async () => sockets.close());
  expect(sockets.noted).toBe(noted);
  const { fd } = object.map(LISTENERS_MAP);
  const listenerOf = (it: Server | Socket | undefined) => {
    const key = Buffer.alloc(4);
    key.writeInt32LE(fdOf(it));
    const value = Buffer.alloc(LISTENER_BYTES);
    const status = libbpf().bpf_map_lookup_elem(fd, key, value);
    return status === 0 ? value.readUInt32LE(PID_AT) : undefined;
  };
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket));
  cleanup.add(async () => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  const client = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  cleanup.add(async () => void client.destroy());
  await until(() => accepted.length > 0, 'a connection');
  cleanup.add(async () => void accepted[0]?.destroy());
  expect([listenerOf(server), listenerOf(accepted[0])]).toEqual([process.pid, undefined]);
});

test('who listens is noted also while others keep things with the same socket, and let go of them', async () => {
  compileHelper('kernel/keeps.c', file('keeps'));
  const attribution = { owners: true, originals: 'none' as const, filter: EVERYONE };
  const constants = { capacity: DEFAULT_CAPACITY, filter: NO_FILTER, attribution };
  const object = await loadPrograms(ETHERNET, constants);
  cleanup.add(async () => object.close());
  const server = createServer();
  cleanup.add(async () => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const other = spawn(file('keeps'), { stdio: ['ignore', 'pipe', 'inherit', fdOf(server)] });
  cleanup.add(() => end(other));
  await once(other.stdout as Readable, 'data');
  const { fd } = object.map(LISTENERS_MAP);
  const key = Buffer.alloc(4);
  key.writeInt32LE(fdOf(server));
  let missing = 0;
  for (let walk = 0; walk < WALKS; walk++) {
    await noteListeners(object);
    if (libbpf().bpf_map_delete_elem(fd, key) !== 0) missing++;
  }
  expect(missing).toBe(0);
});

function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'close').then(() => {});
  child.kill('SIGKILL');
  return ended;
}
