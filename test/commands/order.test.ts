import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { replayHere } from '../helpers/command/in-process.js';

interface Told {
  readonly type: string;
  readonly timestamp: string;
  readonly flow_id: number;
}

test('lines of one flow are in the order of their times', async () => {
  const path = join(repositoryRoot, 'examples/lab.pcap');
  const { lines } = await replayHere(['-r', path, '--rate', '0', '--format', 'ndjson']);
  const latest = new Map<number, bigint>();
  for (const line of lines) {
    const { type, flow_id: flow }: Told = JSON.parse(line);
    if (type !== 'rtt' && type !== 'flow') continue;
    const time = BigInt(/"timestamp":(\d+)/.exec(line)?.[1] ?? 0);
    expect(time).toBeGreaterThanOrEqual(latest.get(flow) ?? 0n);
    latest.set(flow, time);
  }
  expect(latest.size).toBe(10);
});
