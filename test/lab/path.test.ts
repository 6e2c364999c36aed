import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { connectTimes, serverAddresses } from '../../lab/endpoints.js';
import { kernelRtts } from '../../lab/kernel-rtt.js';
import { createPath, type LabPath } from '../../lab/path.js';
import type { RelayStats } from '../../lab/relay.js';
import { missingRequirement } from '../../lab/requirements.js';
import { type RunningClient, startClient, startServer } from '../../lab/services.js';
import { until } from '../../lab/until.js';

const DELAY_US = 12_500;
const ROUND_TRIP_US = 2 * DELAY_US;
const TOLERANCE_US = 1_000;
/** What Node may take of a connect, the fastest of several, on a busy machine: half of what a change of the delay makes. */
const NODE_US = 9_000;
const CONNECTIONS = 21;

jest.setTimeout(240_000);

const missing = missingRequirement();
type Networks = readonly (string | undefined)[];

const on = missing === undefined ? describe : describe.skip;

on(`a path of a known delay${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let path: LabPath;

  beforeEach(async () => {
    path = await createPath({ delayUs: DELAY_US });
  });

  afterEach(() => path.close());

  test.each(Object.values(serverAddresses))(
    'every connect to %s takes the round trip, and one takes little more',
    async (address) => {
      const times = await connectTimes(path.client, address, 2 * CONNECTIONS + 1);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(ROUND_TRIP_US);
      // Node itself takes some of it, the more the busier the machine is: the sharp bound is the
      // kernel's, below.
      expect(Math.min(...times)).toBeLessThan(ROUND_TRIP_US + NODE_US + late(await path.stats()));
    },
  );

  test('the kernel measures the round trip, within what the relay says it was late', async () => {
    const server = await startServer(path, serverAddresses.ipv4);
    const options = ['--connections', String(CONNECTIONS), '--interval', '20'];
    const client = startClient(path, server, options);
    await until(async () => (await path.stats()).aToB.frames > 20 * CONNECTIONS, 'requests');
    const rtts = await kernelRtts(path.client, serverAddresses.ipv4);
    const { failed, latency_us } = await client.stop();

    expect(rtts).toHaveLength(CONNECTIONS);
    const least = rtts.map(({ minUs }) => minUs);
    expect(Math.min(...least)).toBeGreaterThanOrEqual(ROUND_TRIP_US);
    expect(median(least)).toBeLessThan(ROUND_TRIP_US + TOLERANCE_US + late(await path.stats()));
    expect(failed).toBe(0);
    expect(latency_us?.min).toBeGreaterThanOrEqual(ROUND_TRIP_US);
  });

  test.each([1_000, 40_000])(
    'the delay can be changed to %d us while it is in use',
    async (delayUs) => {
      await path.setDelay(delayUs);
      const times = await connectTimes(path.client, serverAddresses.ipv4, CONNECTIONS);
      expect(Math.min(...times)).toBeGreaterThanOrEqual(2 * delayUs);
      const stats = await path.stats();
      expect(Math.min(...times)).toBeLessThan(2 * delayUs + NODE_US + late(stats));
      expect(stats.delayUs).toBe(delayUs);
    },
  );

  test('a delay that the relay cannot have is refused', async () => {
    await expect(path.setDelay(-1)).rejects.toThrow('does not take a delay of -1 us');
    expect((await path.stats()).delayUs).toBe(DELAY_US);
  });

  test('both counts add up, and nothing was dropped', async () => {
    const before = await path.stats();
    await connectTimes(path.client, serverAddresses.ipv4, 7);
    const after = await path.stats();
    // A SYN and a RST each; neighbour discovery may add a few.
    expect(after.aToB.frames - before.aToB.frames).toBeGreaterThanOrEqual(7);
    expect(after.bToA.frames - before.bToA.frames).toBeGreaterThanOrEqual(7);
    expect([after.aToB.dropped, after.bToA.dropped]).toEqual([0, 0]);
  });
});

on('after close()', () => {
  test('no process, no namespace and no link is left', async () => {
    const linksBefore = readdirSync('/sys/class/net');
    const childrenBefore = children();
    const path = await createPath({ delayUs: 1_000 });
    const namespaces = [path.client.pid, path.server.pid].map(networkInode);
    const client = await busyClient(path, namespaces).finally(() => path.close());
    await path.close(); // a second time is harmless
    expect((await client.summary).failed).toBe(0);
    expect(inhabitants(namespaces)).toEqual([]);
    expect(children()).toBe(childrenBefore);
    expect(readdirSync('/sys/class/net')).toEqual(linksBefore);
    await expect(path.stats()).rejects.toThrow('the relay has ended');
  });

  test('a path that cannot be built leaves nothing either', async () => {
    const before = children();
    await expect(createPath({ delayUs: -1 })).rejects.toThrow();
    expect(children()).toBe(before);
  });
});

/** Both holders and both ends of a conversation are there, and the host sees nothing of it. */
async function busyClient(path: LabPath, namespaces: Networks): Promise<RunningClient> {
  const server = await startServer(path, serverAddresses.ipv4);
  const client = startClient(path, server, ['--interval', '10']);
  await until(async () => (await path.stats()).aToB.frames > 40, 'a conversation');
  expect(inhabitants(namespaces)).toHaveLength(4);
  expect(readdirSync('/sys/class/net')).not.toContain(path.interfaceName);
  return client;
}

function late({ aToB, bToA }: RelayStats): number {
  return aToB.lateUs.p50 + bToA.lateUs.p50;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

function networkInode(pid: number | string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // it has ended
  }
}

/** The processes in the given network namespaces. */
function inhabitants(namespaces: Networks): string[] {
  return processes().filter((pid) => {
    const namespace = networkInode(pid);
    return namespace !== undefined && namespaces.includes(namespace);
  });
}

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function children(): string {
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8');
}
