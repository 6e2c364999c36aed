/** --aggregate over a capture: intervals go by its time, and the same capture gives the same. */
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { replayHere } from '../helpers/command/in-process.js';
import { BASE, conversation, RTT } from '../helpers/core/replayed.js';
import { Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** One every 10 ms. */
const REQUESTS = 100;
const INTERVAL = 200_000_000;

const inFolder = useTemporaryFolder();
let capture: string;
beforeEach(() => {
  capture = inFolder('x.pcap');
  writeFileSync(capture, pcap(conversation(REQUESTS), { nanoseconds: true }));
});

async function replayed(...args: readonly string[]) {
  const options = ['--rate', '0', '--aggregate', '200ms', ...args];
  const { code, stdout, stderr } = await replayHere(['-r', capture, ...options]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

const ndjson = async (...args: readonly string[]) =>
  (await replayed('--format', 'ndjson', ...args))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('for programs', () => {
  test('an interval is of the time of the capture, and what it has adds up', async () => {
    const objects = await ndjson();
    const aggregates = objects.filter(({ type }) => type === 'aggregate');
    expect(aggregates.length).toBe(6);
    aggregates.forEach(({ timestamp, interval }, at) => {
      const end = Math.min((at + 1) * INTERVAL, Number(RTT) + REQUESTS * 10_000_000);
      // Numbers of JavaScript have a time to within 256 ns.
      expect(Math.abs(timestamp - (Number(BASE) + end))).toBeLessThan(1_000);
      expect(interval).toBe(end - at * INTERVAL);
    });
    const counts = aggregates.map(({ reported }) => reported);
    expect(counts).toEqual([19, 20, 20, 20, 20, 1]);
    const [from] = aggregates[0].buckets[0];
    expect(aggregates[1]).toMatchObject({
      ...{ side: 'unknown', prefix: '10.0.0.0/24', rtt_sum: 20 * Number(RTT), overdue: 0 },
      ...{ rtt_min: Number(RTT), rtt_p50: Number(RTT), rtt_max: Number(RTT) },
      buckets: [[from, 20]],
    });
    expect(from).toBeLessThanOrEqual(Number(RTT));
    expect(from * (1 + 1 / 32)).toBeGreaterThan(Number(RTT));
    expect(objects.at(-1)).toMatchObject({
      type: 'summary',
      samples: REQUESTS,
      rtt_p99: Number(RTT),
    });
  });

  test('with --quiet there is the summary alone', async () => {
    expect(await ndjson('-q')).toMatchObject([{ type: 'summary', reported: REQUESTS }]);
  });

  test('with --events each RTT is there, too, and counted once in the summary', async () => {
    const objects = await ndjson('--events');
    expect(objects.filter(({ type }) => type === 'rtt')).toHaveLength(REQUESTS);
    expect(objects.at(-1)).toMatchObject({ samples: REQUESTS });
  });

  test('it is the same each time', async () => {
    expect(await ndjson()).toEqual(await ndjson());
  });

  test('where a pcapng file names interfaces, each is by itself', async () => {
    const ng = new Pcapng();
    // In nanoseconds.
    const named = (name: string) =>
      ng.interface(
        1,
        Buffer.concat([ng.option(9, Buffer.from([9])), ng.option(2, Buffer.from(name))]),
      );
    const packetsOf = (at: number, requests: number) =>
      conversation(requests).map(({ time, frame }) => ng.packet(at, time, frame));
    const bytes = [
      ng.section(),
      named('wan'),
      named('lan'),
      ...packetsOf(0, 3),
      ...packetsOf(1, 5),
    ];
    writeFileSync(inFolder('y.pcapng'), Buffer.concat(bytes));
    const before = capture;
    capture = inFolder('y.pcapng');
    const objects = await ndjson('--reorder', '10s');
    capture = before;
    const found = objects.filter(({ type }) => type === 'aggregate');
    expect(found.map((each) => [each.interface, each.reported]).sort()).toEqual([
      ['lan', 5],
      ['wan', 3],
    ]);
  });
});

test('for people there is a table for each interval, and the summary', async () => {
  const lines = (await replayed()).trim().split('\n');
  expect(lines.filter((line) => line.startsWith('time '))).toHaveLength(6);
  expect(lines.filter((line) => line.endsWith('10.0.0.0/24'))).toHaveLength(6);
  expect(lines).toHaveLength(18);
});
