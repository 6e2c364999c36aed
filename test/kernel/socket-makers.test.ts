/** Who makes sockets of other protocols than TCP is noted, and what that takes is known. */
import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Cleanup } from '../../lab/cleanup.js';
import { enableAccounting } from '../../src/libbpf/info.js';
import { ETHERNET, loadPrograms } from '../../src/live/programs.js';
import { NO_COST, SelfCostMeter } from '../../src/live/self-cost.js';
import { SocketMakers } from '../../src/live/socket-makers.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { EVERYONE } from '../../src/sampling/owner-filter.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';
import { makeCgroup } from '../helpers/kernel/cgroup.js';

const MAKING = `
import socket
for kind in [socket.SOCK_DGRAM] * 30 + [socket.SOCK_STREAM] * 7:
    socket.socket(socket.AF_INET, kind).close()
`;

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

async function noteMakers(directory: string | undefined): Promise<SocketMakers> {
  const attribution = { owners: true, originals: 'none' as const, filter: EVERYONE };
  const constants = { capacity: DEFAULT_CAPACITY, filter: NO_FILTER, attribution };
  const object = await loadPrograms(ETHERNET, constants);
  cleanup.add(async () => object.close());
  const makers = new SocketMakers(object, directory);
  cleanup.add(async () => makers.close());
  return makers;
}

describe('makers of sockets', () => {
  test('are noted by a program that is called for each socket, also of TCP', async () => {
    const cgroup = makeCgroup('making');
    cleanup.add(() => cgroup.remove());
    const { program, reason } = await noteMakers(cgroup.directory);
    expect(reason).toBeUndefined();
    const none = { egress: NO_COST, ingress: NO_COST };
    const meter = new SelfCostMeter((hook) => none[hook], [program ?? -1], enableAccounting());
    cleanup.add(async () => meter.close());
    const [python = '', ...args] = cgroup.command(['python3', '-c', MAKING]);
    execFileSync(python, args);
    const { sockets } = meter.read();
    expect(sockets?.runs).toBe(37);
    expect(sockets?.ns).toBeGreaterThan(0);
  });

  test('are not where there is no cgroup2, and that costs nothing', async () => {
    const { program, reason } = await noteMakers(undefined);
    expect([program, reason]).toEqual([undefined, 'cgroup2 is not mounted']);
    const programs = [program].filter((each) => each !== undefined);
    const meter = new SelfCostMeter(() => NO_COST, programs, enableAccounting());
    cleanup.add(async () => meter.close());
    expect(meter.read().sockets).toBeUndefined();
  });
});
