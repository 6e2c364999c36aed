/** A capture whose flows were made to fall into one bucket of an unseeded hash table. */
import { writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { addressBytes, tcpFrame } from '../../lab/kernel/packets.js';
import { decode } from '../../src/events/decode.js';
import type { KernelEvent } from '../../src/events/types.js';
import { Capture } from '../../src/replay/capture.js';
import { loadCore, NEVER, ReplayCore } from '../../src/replay/core.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { BASE } from '../helpers/core/replayed.js';
import { MODULE_PATH } from '../helpers/core/replica.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();

const FLOWS = 12_000;
const LOWER = '2001:db8::1';
const WORD = 64;
/** As in bpf/replay/tables.h, and its inverse modulo 2^64. */
const MULTIPLIER = 0x9e3779b97f4a7c15n;
const INVERSE = 0xf1de83e19937733dn;
/** What the hash is to be behind the addresses. */
const WANTED = 0x123456789abcdef1n;
const word = (value: bigint) => BigInt.asUintN(WORD, value);
const step = (hash: bigint, key: bigint) => word((hash ^ key) * MULTIPLIER) ^ (hash >> 29n);

/** The frame of a flow with its first hash of 0, whose upper end makes that hash what is wanted. */
function frameOf(index: number): Buffer {
  const lower = addressBytes(LOWER);
  const upper = addressBytes('fd00::');
  upper.writeUInt32BE(index, 2);
  let hash = 0n;
  for (const half of [lower, lower.subarray(8), upper]) {
    hash = step(hash, half.readBigUInt64LE());
  }
  const last = hash ^ word((WANTED ^ (hash >> 29n)) * INVERSE);
  upper.writeBigUInt64LE(last, 8);
  const frame = tcpFrame(
    { address: LOWER, port: 2_000 },
    { address: 'fd00::', port: 80 },
    { tsval: 1, tsecr: 1, payload: 1 },
  );
  upper.copy(frame, 14 + 24);
  return frame;
}

async function replay(path: string, seed?: bigint) {
  const settings = { ...DEFAULT_SETTINGS, rate: 0n };
  const core = new ReplayCore(settings, DEFAULT_CAPACITY, loadCore(MODULE_PATH), seed);
  const capture = await Capture.open(path, core);
  const events: KernelEvent[] = [];
  const started = process.cpuUsage();
  while (await capture.next()) {
    for (let at = 0; at < core.batch.ready; ) {
      at = core.process(at, NEVER, NEVER);
      core.drain((bytes, offset, length) => events.push(decode(bytes, offset, length)));
    }
  }
  capture.close();
  await core.sweep({ now: core.progress.latest + 10n ** 12n, flush: true }, () => {
    core.drain((bytes, offset, length) => events.push(decode(bytes, offset, length)));
  });
  const { user, system } = process.cpuUsage(started);
  // Of the processor: others' work is not in it.
  return { ms: (user + system) / 1000, events, counters: core.counters() };
}

test('takes no time where the seed is not known, and gives the same', async () => {
  const packets = Array.from({ length: FLOWS }, (_, index) => ({
    time: BASE + BigInt(index) * 10_000n,
    frame: frameOf(index),
  }));
  writeFileSync(inFolder('x.pcap'), pcap(packets));
  const known = await replay(inFolder('x.pcap'), 0n);
  const { ms, ...seeded } = await replay(inFolder('x.pcap'));
  expect(seeded).toEqual({ events: known.events, counters: known.counters });
  expect(seeded.counters.captured).toBe(FLOWS);
  // Both under the same load: it is a hundred times as fast.
  expect(ms).toBeLessThan(known.ms / 5);
}, 120_000);
