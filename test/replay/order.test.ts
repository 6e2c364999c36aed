/** Packets that were stored a little out of order. */
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { REPLAY_STOP } from '../../src/core/layouts.js';
import { Capture } from '../../src/replay/capture.js';
import { loadCore, NEVER, ReplayCore } from '../../src/replay/core.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { BASE, conversation, RTT } from '../helpers/core/replayed.js';
import { MODULE_PATH } from '../helpers/core/replica.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const MILLISECOND = 1_000_000n;
const REQUESTS = 3_000;
const WINDOW = 50n * MILLISECOND;

/** What is measured of it, and how often a packet came late even so. */
async function replay(bytes: Buffer, window = WINDOW) {
  writeFileSync(inFolder('x.pcap'), bytes);
  const settings = { ...DEFAULT_SETTINGS, rate: 0n };
  const core = new ReplayCore(settings, DEFAULT_CAPACITY, loadCore(MODULE_PATH));
  const capture = await Capture.open(inFolder('x.pcap'), core, window);
  while (await capture.next()) {
    for (let at = 0; at < core.batch.ready; ) {
      at = core.process(at, NEVER, NEVER);
      if (core.stop === REPLAY_STOP.back) throw new Error('it has gone back');
      core.drain(() => {});
    }
  }
  capture.close();
  const { matched, captured } = core.counters();
  const { moved, backwards } = core.progress;
  return { matched, captured, moved, backwards };
}

const file = (packets: readonly CapturedPacket[]) => pcap(packets, { nanoseconds: true });

/** Each answer before its question: the time is where it is, the place in the file is not. */
function swapped(packets: readonly CapturedPacket[]): CapturedPacket[] {
  return packets.map((_, at) => packets[at < 2 ? at : at ^ 1] as CapturedPacket);
}

const ORDERED = conversation(REQUESTS);
const TOTAL = ORDERED.length;

test('answers stored before their questions are put right, wherever a batch ends', async () => {
  expect(await replay(file(swapped(ORDERED)))).toEqual({
    matched: REQUESTS,
    captured: TOTAL,
    moved: REQUESTS,
    backwards: 0,
  });
});

test('what is in order stays as it is', async () => {
  expect(await replay(file(ORDERED))).toEqual({
    matched: REQUESTS,
    captured: TOTAL,
    moved: 0,
    backwards: 0,
  });
});

test('a window of 0 takes them as they come', async () => {
  const { matched, moved, backwards } = await replay(file(swapped(ORDERED)), 0n);
  expect({ matched, moved, backwards }).toEqual({ matched: 0, moved: 0, backwards: REQUESTS });
});

test.each([
  [RTT, REQUESTS],
  [RTT - 1n, 0],
])('as far as the window goes, and no further: %d ns', async (window, matched) => {
  expect(await replay(file(swapped(ORDERED)), window)).toMatchObject({ matched });
});

test('of the longest packets there can be', async () => {
  const long = (packet: CapturedPacket) => ({
    ...packet,
    frame: Buffer.concat([packet.frame, Buffer.alloc(200_000)]),
  });
  const packets = swapped(conversation(40)).map(long);
  expect(await replay(file(packets))).toMatchObject({ matched: 40, backwards: 0 });
});

describe('sections of pcapng', () => {
  const ng = new Pcapng();
  const resolution = ng.option(9, Buffer.from([9]));
  const section = (packets: readonly CapturedPacket[]) => [
    ng.section(),
    ng.interface(1, resolution),
    ...packets.map(({ time, frame }) => ng.packet(0, time, frame)),
  ];

  test('packets that are held back are not lost where one ends', async () => {
    const packets = swapped(ORDERED);
    const bytes = Buffer.concat([
      ...section(packets.slice(0, 1_000)),
      ...section(packets.slice(1_000, 1_002)),
      ...section(packets.slice(1_002)),
    ]);
    expect(await replay(bytes)).toMatchObject({ matched: REQUESTS, captured: TOTAL });
  });
});

test('a clock that was set back by more is left alone', async () => {
  const back = conversation(5).map(({ time, frame }) => ({
    time: time - 500n * MILLISECOND,
    frame,
  }));
  const { moved, captured } = await replay(file([...conversation(5), ...back]));
  expect({ moved, captured }).toEqual({ moved: 0, captured: 24 });
  expect(back[0]?.time).toBe(BASE - 500n * MILLISECOND);
});
