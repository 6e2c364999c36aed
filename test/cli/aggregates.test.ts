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

describe('--until', () => {
  async function endedBy(condition: string, ...args: readonly string[]) {
    const options = ['--rate', '0', '--aggregate', '200ms', '--format', 'ndjson', ...args];
    const ended = await replayHere(['-r', capture, ...options, '--until', condition]);
    const objects = ended.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const aggregates = objects.filter(({ type }) => type === 'aggregate');
    const reported = aggregates.map((each) => each.reported);
    const rtts = objects.filter(({ type }) => type === 'rtt').length;
    return { code: ended.code, reported, rtts, said: ended.stderr.trim().split('\n').at(-1) };
  }
  const RTT_MS = Number(RTT) / 1e6;
  const RTT_TEXT = `${RTT_MS.toFixed(3)} ms`;

  test.each([
    ['samples>30', [19, 20], 'ended: 39 samples'],
    [`max>=${RTT}ns`, [19, 20], `ended: max was ${RTT_TEXT} over 39 RTTs`],
    [`min<=${RTT}ns/200ms`, [19, 20], `ended: min was ${RTT_TEXT} over 20 RTTs in the last 200ms`],
    [
      `p50>=${RTT}ns/400ms for 200ms`,
      [19, 20, 20],
      `ended: p50 was ${RTT_TEXT} over 40 RTTs in the last 400ms, for 200ms`,
    ],
    // The rest of the capture is judged, too.
    ['p99>1ns', [19, 20, 20, 20, 20, 1], `ended: p99 was ${RTT_TEXT} over 100 RTTs`],
  ])('%s ends the run with an interval, which is told', async (condition, reported, said) => {
    expect(await endedBy(condition)).toEqual({ code: 10, reported, rtts: 0, said });
  });

  test('that does not come true ends nothing', async () => {
    expect(await endedBy(`max>${RTT}ns`)).toMatchObject({ code: 0 });
    expect(await endedBy('p99>1ns/200ms')).toMatchObject({
      code: 0,
      reported: [19, 20, 20, 20, 20, 1],
      // The rest, besides the interval that has a part in the window.
      said: 'p99>1ns/200ms could not be evaluated: it needs 100 RTTs within 200ms, but there were at most 21',
    });
  });

  test('with --events ends it with an RTT', async () => {
    expect(await endedBy('samples>30', '--events')).toMatchObject({ code: 10, rtts: 31 });
  });
});

test('for people there is a table for each interval, and the summary', async () => {
  const lines = (await replayed()).trim().split('\n');
  expect(lines.filter((line) => line.startsWith('time '))).toHaveLength(6);
  expect(lines.filter((line) => line.endsWith('10.0.0.0/24'))).toHaveLength(6);
  expect(lines).toHaveLength(18);
});
