/** A capture through reader and core, without the command around them. */
import { writeFileSync } from 'node:fs';
import { CLIENT, SERVER } from '../../../lab/kernel/ends.js';
import { type Encapsulation, type End, tcpFrame } from '../../../lab/kernel/packets.js';
import type { Counters } from '../../../src/core/counters.js';
import { REPLAY_STOP } from '../../../src/core/layouts.js';
import { decode } from '../../../src/events/decode.js';
import type { KernelEvent, RttEvent } from '../../../src/events/types.js';
import { CORE_CLOCK_OFFSET, loadCore, NEVER, ReplayCore } from '../../../src/replay/core.js';
import { openFeed } from '../../../src/replay/open.js';
import { DEFAULT_REORDER } from '../../../src/replay/reader.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../../src/sampling/policy.js';
import type { Prefix } from '../../../src/sampling/prefix.js';
import type { CapturedPacket } from '../packets/captures.js';
import { MODULE_PATH } from './replica.js';

export interface Replayed {
  readonly events: KernelEvent[];
  readonly rtts: RttEvent[];
  readonly counters: Counters;
  readonly damage: string | undefined;
  readonly remarks: readonly string[];
  /** Packets that were earlier than one before, and those that were put where they belong. */
  readonly backwards: number;
  readonly moved: number;
  /** Of several captures, that of each RTT. */
  readonly captures: readonly (string | undefined)[];
}

/** Every identifier is sampled; nothing is swept. */
export function replayFile(
  path: string,
  local: readonly Prefix[] = [],
  module = MODULE_PATH,
): Promise<Replayed> {
  return replayFiles([path], { local, module });
}

interface How {
  readonly local?: readonly Prefix[];
  /** As of nobody's naming. */
  readonly guess?: readonly Prefix[];
  readonly module?: string;
  readonly reorder?: bigint;
  /** As --rate; every identifier unless told. */
  readonly rate?: bigint;
}

/** The same of several. */
export async function replayFiles(
  paths: readonly string[],
  { local = [], guess = [], module = MODULE_PATH, reorder = DEFAULT_REORDER, rate = 0n }: How = {},
): Promise<Replayed> {
  const core = new ReplayCore({ ...DEFAULT_SETTINGS, rate }, DEFAULT_CAPACITY, loadCore(module));
  core.setLocal(local);
  if (guess.length > 0) core.guessLocal(guess);
  const capture = await openFeed(paths, core, reorder);
  const events: KernelEvent[] = [];
  try {
    while (await capture.next()) {
      core.process(0, NEVER, NEVER);
      if (core.stop !== REPLAY_STOP.end) throw new Error(`the core stopped: ${core.stop}`);
      core.drain((bytes, offset, length) => events.push(decode(bytes, offset, length)));
    }
  } finally {
    capture.close();
  }
  const rtts = events.filter((event) => event.type === 'rtt');
  const captures = rtts.map(({ place }) => capture.captureOf(core.interfaceOf(place)));
  const { damage, remarks } = capture;
  const { backwards, moved } = core.progress;
  return { events, rtts, counters: core.counters(), damage, remarks, backwards, moved, captures };
}

/** The same of bytes, which become a file. */
export function replayBytes(
  bytes: Buffer,
  path: string,
  local?: readonly Prefix[],
): Promise<Replayed> {
  writeFileSync(path, bytes);
  return replayFile(path, local);
}

/** When an RTT was complete: nanoseconds since the epoch. */
export function epochOf({ timestamp }: RttEvent): bigint {
  return timestamp + CORE_CLOCK_OFFSET;
}

/** A time that has digits down to the last nanosecond. */
export const BASE = 1_700_000_000_123_456_789n;
export const RTT = 5_432_100n;

/** A request every 10 ms, each answered after RTT: so many RTTs, and two packets before them. */
export function conversation(
  requests: number,
  around: Encapsulation = {},
  [client, server]: readonly [End, End] = [CLIENT, SERVER],
): CapturedPacket[] {
  const first = { tsval: 1, tsecr: 1 };
  const packets = [
    { time: BASE, frame: tcpFrame(client, server, first, around) },
    { time: BASE, frame: tcpFrame(server, client, first, around) },
  ];
  for (let request = 1; request <= requests; request++) {
    const time = BASE + BigInt(request) * 10_000_000n;
    const [tsval, seq] = [100 + request, 1_000 * request];
    const data = { tsval, tsecr: 1, seq, payload: 100 };
    const answer = { tsval: 1, tsecr: tsval, ack: seq + 100 };
    packets.push(
      { time, frame: tcpFrame(client, server, data, around) },
      { time: time + RTT, frame: tcpFrame(server, client, answer, around) },
    );
  }
  return packets;
}
