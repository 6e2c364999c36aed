/** What is seen of captures before they are replayed. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { CLIENT, CLIENT6, SERVER, SERVER6 } from '../../lab/kernel/ends.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import type { KernelEvent } from '../../src/events/types.js';
import { loadCore, ReplayCore } from '../../src/replay/core.js';
import { lookAtFirst } from '../../src/replay/first-look.js';
import { DEFAULT_REORDER } from '../../src/replay/reader.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { BASE, conversation } from '../helpers/core/replayed.js';
import { MODULE_PATH } from '../helpers/core/replica.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const ALL = Number.POSITIVE_INFINITY;

const FOUR = conversation(2);
const SIX = conversation(2, {}, [CLIENT6, SERVER6]);
const bytesOf = (...packets: readonly CapturedPacket[]) => pcap(packets, { nanoseconds: true });

function capture(name: string, bytes: Buffer): string {
  writeFileSync(inFolder(name), bytes);
  return inFolder(name);
}

/** Of each event, what it is and of which IP version. */
async function look(captures: readonly string[], most = ALL): Promise<string[]> {
  const settings = { ...DEFAULT_SETTINGS, rate: 0n };
  const core = new ReplayCore(settings, DEFAULT_CAPACITY, loadCore(MODULE_PATH));
  const seen: string[] = [];
  await lookAtFirst(captures, core, DEFAULT_REORDER, ({ type, ipVersion }: KernelEvent) => {
    seen.push(`${type} ${ipVersion}`);
    return seen.length < most;
  });
  return seen;
}

const OF_FOUR = ['flow 4', 'rtt 4', 'rtt 4'];
const OF_SIX = ['flow 6', 'rtt 6', 'rtt 6'];

test('all of a short one, also compressed', async () => {
  expect(await look([capture('x', bytesOf(...FOUR))])).toEqual(OF_FOUR);
  expect(await look([capture('x.gz', gzipSync(bytesOf(...FOUR)))])).toEqual(OF_FOUR);
});

test('no more than is wanted', async () => {
  const captures = [capture('a', bytesOf(...FOUR)), capture('b', bytesOf(...SIX))];
  expect(await look(captures, 2)).toEqual(OF_FOUR.slice(0, 2));
});

test('of several each by itself: one connection in two of them is two', async () => {
  const four = capture('a', bytesOf(...FOUR));
  const six = capture('b', bytesOf(...SIX));
  expect(await look([four, six, four])).toEqual([...OF_FOUR, ...OF_SIX, ...OF_FOUR]);
});

test('only of the first 16', async () => {
  const four = capture('a', bytesOf(...FOUR));
  const six = capture('b', bytesOf(...SIX));
  const seen = await look([...Array<string>(16).fill(four), six]);
  expect(new Set(seen)).toEqual(new Set(OF_FOUR));
});

test('where time goes back it begins anew', async () => {
  const back = SIX.map(({ time, frame }) => ({ time: time - 3_600_000_000_000n, frame }));
  expect(await look([capture('x', bytesOf(...FOUR, ...back))])).toEqual([...OF_FOUR, ...OF_SIX]);
});

describe('nothing, and no complaint', () => {
  test.each<[string, () => string]>([
    ['standard input', () => '-'],
    ['a device', () => '/dev/null'],
    ['what is not there', () => inFolder('none')],
    ['no capture', () => capture('x', Buffer.from('no capture, and a few words more'))],
    ['an empty file', () => capture('x', Buffer.alloc(0))],
    ['a capture without packets', () => capture('x', bytesOf())],
    [
      'a capture without TCP',
      () => {
        const frame = tcpFrame(CLIENT, SERVER, {}, { protocol: 17 });
        return capture('x', bytesOf({ time: BASE, frame }));
      },
    ],
    ['what is compressed badly', () => capture('x', gzipSync(bytesOf(...FOUR)).subarray(0, 20))],
  ])('of %s', async (_, path) => {
    expect(await look([path()])).toEqual([]);
    expect(await look([path(), capture('y', bytesOf(...FOUR))])).toEqual(OF_FOUR);
  });

  test('of a pipe, whose bytes can be read but once', async () => {
    execFileSync('mkfifo', [inFolder('pipe')]);
    expect(await look([inFolder('pipe')])).toEqual([]);
  });
});

test('of a damaged one, what precedes the damage', async () => {
  const bytes = bytesOf(...FOUR);
  expect(await look([capture('x', bytes.subarray(0, -3))])).toEqual(OF_FOUR.slice(0, 2));
});

describe('a long one', () => {
  const bulk: CapturedPacket = {
    time: BASE + 1_000_000_000n,
    frame: tcpFrame(CLIENT, SERVER, { tsval: 200, tsecr: 1, seq: 9_000, payload: 60_000 }),
  };
  const late = SIX.map(({ time, frame }) => ({ time: time + 1_000_000_000n, frame }));
  const long = bytesOf(...FOUR, ...Array<CapturedPacket>(140).fill(bulk), ...late);

  test.each([
    ['as it is', long],
    ['compressed', gzipSync(long)],
  ])('is not read to its end %s', async (_, bytes) => {
    expect(long.length).toBeGreaterThan(2 ** 23);
    expect(await look([capture('x', bytes)])).toEqual(OF_FOUR);
  });

  test.each([
    ['20,000 packets are looked at', 20_000, [...OF_FOUR, 'flow 6', 'rtt 6']],
    ['and no more', 20_001, [...OF_FOUR, 'flow 6']],
  ])('%s', async (_, upToFirstRtt, seen) => {
    // The fourth packet of a conversation has its first RTT.
    const ack = { ...bulk, frame: tcpFrame(CLIENT, SERVER, { tsval: 103, tsecr: 1, seq: 2_100 }) };
    const acks = Array<CapturedPacket>(upToFirstRtt - 4 - FOUR.length).fill(ack);
    expect(await look([capture('x', bytesOf(...FOUR, ...acks, ...late))])).toEqual(seen);
  });

  test('of two, from each half as much', async () => {
    const [first, second] = [capture('x', long), capture('y', bytesOf(...SIX))];
    expect(await look([first, second])).toEqual([...OF_FOUR, ...OF_SIX]);
  });
});
