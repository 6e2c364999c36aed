/** What the core as WebAssembly does beyond what both targets share: sides, room, order of times, memory. */
import { writeFileSync } from 'node:fs';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { CLIENT, CLIENT6, SERVER, SERVER6 } from '../../lab/kernel/ends.js';
import { type End, tcpFrame } from '../../lab/kernel/packets.js';
import { REPLAY_STOP } from '../../src/core/layouts.js';
import { decode } from '../../src/events/decode.js';
import type { RttEvent } from '../../src/events/types.js';
import { parsePrefix } from '../../src/options/prefix.js';
import { Capture } from '../../src/replay/capture.js';
import { CORE_CLOCK_OFFSET, loadCore, NEVER, ReplayCore } from '../../src/replay/core.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../src/sampling/policy.js';
import { BASE, conversation, replayBytes } from '../helpers/core/replayed.js';
import { MODULE_PATH } from '../helpers/core/replica.js';
import { type CapturedPacket, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const SETTINGS = { ...DEFAULT_SETTINGS, rate: 0n };
const SECOND = 1_000_000_000n;

describe('with --local', () => {
  /** Both ends ask and answer. */
  const both = [...conversation(3), ...swapped()];
  function swapped(): CapturedPacket[] {
    return conversation(3, {}, [SERVER, CLIENT]).map(({ time, frame }) => ({
      time: time + SECOND,
      frame,
    }));
  }
  const replay = (...local: string[]) =>
    replayBytes(pcap(both), inFolder('x.pcap'), local.map(parsePrefix));
  const sides = (rtts: RttEvent[]) => [...new Set(rtts.map((event) => event.matchOnEgress))];

  test('a network: both sides are measured, and told apart', async () => {
    const { rtts, counters } = await replay('10.0.0.0/31');
    expect(counters).toMatchObject({ egress: 8, ingress: 8, captured: 0, local: 0 });
    const beyond = rtts.filter((event) => event.matchOnEgress === false);
    expect(beyond.map(({ srcPort }) => srcPort)).toEqual([443, 443, 443]);
    expect(rtts).toHaveLength(6);
    expect(sides(rtts)).toEqual([false, true]);
  });

  test('an address is this machine: what arrives for it is left out, as live', async () => {
    const { rtts, counters } = await replay('10.0.0.1');
    expect(counters).toMatchObject({ egress: 8, ingress: 8, local: 3 });
    expect(sides(rtts)).toEqual([false]);
    expect(rtts).toHaveLength(3);
  });

  test.each([
    ['neither end', ['192.0.2.0/24']],
    ['both ends', ['10.0.0.0/8']],
    ['both ends, by two of them', ['10.0.0.1/32', '10.0.0.2/31']],
    ['another kind of address', ['::/96']],
  ])('%s: it is not known', async (_, local) => {
    const { rtts, counters } = await replay(...local);
    expect(counters).toMatchObject({ egress: 0, ingress: 0, captured: 16 });
    expect(sides(rtts)).toEqual([undefined]);
  });

  test.each([
    ['fd00::1', 1],
    ['fd00::/127', 0],
    ['fd00::/16', 0],
    ['::/0', 0],
  ])('%s among IPv6 addresses', async (local, known) => {
    const bytes = pcap(conversation(1, {}, [CLIENT6, SERVER6]));
    const { rtts } = await replayBytes(bytes, inFolder('x.pcap'), [parsePrefix(local)]);
    const isEgress = local === 'fd00::/127' || known === 1 ? false : undefined;
    expect(rtts.map((event) => event.matchOnEgress)).toEqual([isEgress]);
  });

  test('every prefix length decides at its bit', async () => {
    for (let bits = 1; bits <= 32; bits++) {
      const ours = 2 ** 32 - 1;
      const theirs = ours - 2 ** (32 - bits);
      const text = (address: number) =>
        [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
      const ends: [End, End] = [
        { address: text(ours), port: 1 },
        { address: text(theirs), port: 2 },
      ];
      const local = parsePrefix(`${text(ours)}/${bits}`);
      const replayed = await replayBytes(pcap(conversation(1, {}, ends)), inFolder('x.pcap'), [
        local,
      ]);
      const { egress, ingress } = replayed.counters;
      expect({ bits, egress, ingress }).toEqual({ bits, egress: 2, ingress: 2 });
    }
  });
});

describe('a batch', () => {
  let core: ReplayCore;
  beforeEach(() => {
    core = new ReplayCore(SETTINGS, DEFAULT_CAPACITY, loadCore(MODULE_PATH));
    const time = {
      highWeight: 2n ** 32n,
      multiplier: 1n,
      divisor: 1n,
      binaryDigits: 0,
      offset: 0n,
    };
    core.setInterface(0, { linkLayer: 'ethernet', time });
  });

  function load(packets: readonly CapturedPacket[]): void {
    core.batch.clear();
    let at = core.input.start;
    for (const { time, frame } of packets) {
      new Uint8Array(core.view.buffer, at, frame.length).set(frame);
      const [high, low] = [Number(time >> 32n), Number(time & 0xffff_ffffn)];
      core.batch.add(at, frame.length, frame.length, high, low, 0);
      at += frame.length;
    }
  }

  const packets = conversation(5);
  const unanswered = (nth: number): CapturedPacket => {
    const segment = { tsval: 200 + nth, tsecr: 1, seq: 1_000 + nth, payload: 1 };
    return { time: BASE + BigInt(nth) * 10n, frame: tcpFrame(CLIENT, SERVER, segment) };
  };
  /** On the core's clock. */
  const timeOf = (index: number) => (packets[index]?.time ?? 0n) + SECOND;

  test('stops before the packet that is at the time given, and goes on', () => {
    load(packets);
    expect(core.process(0, timeOf(4), NEVER)).toBe(4);
    expect({ stop: core.stop, next: core.progress.next }).toEqual({
      stop: REPLAY_STOP.time,
      next: timeOf(4),
    });
    expect(core.progress.latest).toBe(timeOf(3));
    expect(core.process(4, NEVER, NEVER)).toBe(12);
    expect({ stop: core.stop, captured: core.counters().captured }).toEqual({
      stop: REPLAY_STOP.end,
      captured: 12,
    });
  });

  test('stops after as many RTTs as are enough', () => {
    load(packets);
    expect(core.process(0, NEVER, 2n)).toBe(6);
    expect(core.stop).toBe(REPLAY_STOP.enough);
    expect(core.counters().matched).toBe(2);
  });

  test('stops while there is room for events, and loses none', () => {
    const many = Array.from({ length: 8_000 }, (_, request) => {
      const [tsval, seq, time] = [
        100 + request,
        1_000 + 10 * request,
        BASE + BigInt(request) * 10n,
      ];
      return [
        { time, frame: tcpFrame(CLIENT, SERVER, { tsval, tsecr: 1, seq, payload: 10 }) },
        {
          time: time + 5n,
          frame: tcpFrame(SERVER, CLIENT, { tsval: 1, tsecr: tsval, ack: seq + 10 }),
        },
      ];
    }).flat();
    let [rtts, stops] = [0, 0];
    for (let first = 0; first < many.length; first += 4_000) {
      load(many.slice(first, first + 4_000));
      for (let at = 0; at < core.batch.count; ) {
        at = core.process(at, NEVER, NEVER);
        if (core.stop === REPLAY_STOP.room) stops++;
        if (core.stop === REPLAY_STOP.room || first + at === many.length) {
          core.drain((bytes, offset, length) => {
            if (decode(bytes, offset, length).type === 'rtt') rtts++;
          });
        }
      }
    }
    // The first request is met in mid-stream.
    expect(rtts).toBe(7_999);
    expect(stops).toBeGreaterThan(0);
  });

  test('a sweep stops while there is room for what it tells of identifiers, and loses none', async () => {
    const [identifiers, portion] = [20_000, 4_000];
    load(packets.slice(0, 2));
    core.process(0, NEVER, NEVER);
    for (let first = 0; first < identifiers; first += portion) {
      load(Array.from({ length: portion }, (_, index) => unanswered(first + index)));
      core.process(0, NEVER, NEVER);
      core.drain(() => {});
    }
    const places = core.surroundingsOf(1);
    let [overdue, drains] = [0, 0];
    await core.sweep({ now: timeOf(0) + 20n * SECOND, flush: false }, () => {
      drains++;
      core.drain((bytes, offset, length) => {
        if (decode(bytes, offset, length).type === 'overdue') overdue++;
      });
    });
    expect({ overdue, ...core.counters() }).toMatchObject({
      ...{ overdue: identifiers, remembered: identifiers, unanswered: identifiers },
    });
    expect(drains).toBeGreaterThan(1);
    expect(core.surroundingsOf(1)).toEqual(places);
  });

  test('stops before a clock that was set back, and measures anew once all is forgotten', () => {
    const earlier = packets.map(({ time, frame }) => ({ time: time - 3_600n * SECOND, frame }));
    load([...packets, ...earlier]);
    expect(core.process(0, NEVER, NEVER)).toBe(12);
    expect({ stop: core.stop, next: core.progress.next }).toEqual({
      stop: REPLAY_STOP.back,
      next: timeOf(0) - 3_600n * SECOND,
    });
    core.forget();
    expect(core.process(12, NEVER, NEVER)).toBe(24);
    expect(core.counters()).toMatchObject({ captured: 24, matched: 10 });
  });

  test('takes packets a little out of order as they come, and counts them', () => {
    const [a, b, c, d, ...others] = packets as [
      ...[CapturedPacket, CapturedPacket, CapturedPacket, CapturedPacket],
      ...CapturedPacket[],
    ];
    load([a, b, c, d, { ...(others[0] as CapturedPacket), time: d.time - 7n }, ...others.slice(1)]);
    core.process(0, NEVER, NEVER);
    expect(core.stop).toBe(REPLAY_STOP.end);
    expect(core.progress).toMatchObject({ backwards: 1, furthest: 7n });
  });

  test('an answer that is earlier than its question is no RTT', () => {
    const [a, b, c, d] = packets as [
      CapturedPacket,
      CapturedPacket,
      CapturedPacket,
      CapturedPacket,
    ];
    load([a, b, c, { ...d, time: c.time - 1n }]);
    core.process(0, NEVER, NEVER);
    expect(core.counters()).toMatchObject({ matched: 0, belowResolution: 1 });
  });

  test.each([2n ** 62n, 2n ** 64n - 1n])('a time that is none is left out: %d', (time) => {
    load([{ ...(packets[0] as CapturedPacket), time }, ...packets]);
    expect(core.process(0, NEVER, NEVER)).toBe(13);
    expect(core.progress).toMatchObject({ timeless: 1, first: BASE - CORE_CLOCK_OFFSET });
    expect(core.counters().captured).toBe(12);
  });
});

describe('tables', () => {
  // Of one direction only: five eighths of that (bpf/core/assured.h).
  const capacity = { flows: 20_000, timestamps: 5_000 };
  const flow = (index: number): [End, End] => [
    { address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`, port: 1_000 },
    SERVER,
  ];

  test('grow as far as they may and no further; what is deleted can be used again', async () => {
    const path = inFolder('x.pcap');
    const core = new ReplayCore(SETTINGS, capacity, loadCore(MODULE_PATH));
    const packets = Array.from({ length: 25_000 }, (_, index) => {
      const [client, server] = flow(index);
      return { time: BASE, frame: tcpFrame(client, server, { tsval: 1, tsecr: 1 }) };
    });
    const feed = async () => {
      writeFileSync(path, pcap(packets));
      const capture = await Capture.open(path, core);
      while (await capture.next()) core.process(0, NEVER, NEVER);
      capture.close();
    };
    await feed();
    expect(core.counters()).toMatchObject({ flowMapFull: 12_500, pureAck: 12_500 });
    const bytes = core.view.byteLength;
    const now = BASE + 1_000n * SECOND;
    const swept = await core.sweep({ now, flush: false }, () => {});
    expect(swept).toMatchObject({ flows: 12_500, flowsDeleted: 12_500 });
    await feed();
    expect(core.counters()).toMatchObject({ flowMapFull: 25_000, pureAck: 25_000 });
    expect(core.view.byteLength).toBe(bytes);
  });
});

describe('a core that cannot be loaded', () => {
  test('because it is not there', () => {
    const path = inFolder('none.wasm');
    expect(() => loadCore(path)).toThrow(`${path}: no such file; build it with: make build`);
  });

  test('because there is no room for its memory: building it again would not help', () => {
    const instance = jest.spyOn(WebAssembly, 'Instance').mockImplementation(() => {
      throw new RangeError('WebAssembly.Instance(): Out of memory');
    });
    try {
      const message = 'WebAssembly.Instance(): Out of memory; raise the limit of ulimit -v';
      expect(() => loadCore(MODULE_PATH)).toThrow(message);
    } finally {
      instance.mockRestore();
    }
  });
});
