import { describe, expect, test } from '@jest/globals';
import { LITTLE } from '../../src/core/endianness.js';
import { writeFixedSettings } from '../../src/core/fixed-settings.js';
import type { GlobalVariables } from '../../src/core/global-variables.js';
import { FIXED_SETTINGS, SETTINGS } from '../../src/core/layouts.js';
import { writeSettings } from '../../src/core/settings.js';
import { DEFAULT_SETTINGS, type Settings } from '../../src/sampling/policy.js';

const UNTOUCHED = 0xee;
const BEFORE = 24;

/** A global-variable map whose memory lies within something larger. */
function fakeMap(size: number) {
  const around = Buffer.alloc(BEFORE + size + 16, UNTOUCHED);
  const memory = around.subarray(BEFORE, BEFORE + size);
  const map: GlobalVariables = { memory: () => memory };
  const outside = () => [...around.subarray(0, BEFORE), ...around.subarray(BEFORE + size)];
  return { map, memory, outside };
}

type Field = Exclude<keyof typeof SETTINGS, 'size'>;

const WIDE = [
  ...['rate', 'rttRate', 'burstDuration', 'reportInterval'],
  ...['flowTimeout', 'timestampTimeout', 'minWindow'],
] as const satisfies readonly Field[];
const NARROW = [
  ...['rttType', 'burst', 'handshake', 'includeLocal', 'spread', 'sequence'],
] as const satisfies readonly Field[];

/** What the C struct has: u64s, then u32s, in the order of WIDE and NARROW. */
function readBack(memory: Buffer) {
  const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  return [
    WIDE.map((field) => view.getBigUint64(SETTINGS[field], LITTLE)),
    NARROW.map((field) => view.getUint32(SETTINGS[field], LITTLE)),
  ];
}

function written(settings: Settings) {
  const { map, memory } = fakeMap(SETTINGS.size);
  writeSettings(map, settings);
  return readBack(memory);
}

describe('the settings', () => {
  test('fill the map, each at its place', () => {
    expect(
      written({
        rate: 0x0102_0304_0506_0708n,
        rttRate: 0x3132_3334_3536_3738n,
        rttType: 'smoothed',
        burst: { count: 0x5152_5354, duration: 0x4142_4344_4546_4748n },
        reportInterval: 0x6162_6364_6566_6768n,
        flowTimeout: 0x1112_1314_1516_1718n,
        timestampTimeout: 0x2122_2324_2526_2728n,
        minWindow: 0x7172_7374_7576_7778n,
        handshake: true,
        sequence: true,
        includeLocal: false,
        spread: true,
      }),
    ).toEqual([
      [
        ...[0x0102_0304_0506_0708n, 0x3132_3334_3536_3738n, 0x4142_4344_4546_4748n],
        ...[0x6162_6364_6566_6768n, 0x1112_1314_1516_1718n, 0x2122_2324_2526_2728n],
        0x7172_7374_7576_7778n,
      ],
      [1, 0x5152_5354, 1, 0, 1, 1],
    ]);
  });

  test('by default are 100 ms, 300 s, 10 s, 300 s, with handshakes, without local ones', () => {
    expect(written(DEFAULT_SETTINGS)).toEqual([
      [100_000_000n, 0n, 0n, 0n, 300_000_000_000n, 10_000_000_000n, 300_000_000_000n],
      [0, 0, 1, 0, 0, 1],
    ]);
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('tell handshake %s and local %s as 0 or 1', (handshake, includeLocal) => {
    expect(written({ ...DEFAULT_SETTINGS, handshake, includeLocal })[1]).toEqual([
      ...[0, 0, Number(handshake), Number(includeLocal), 0, 1],
    ]);
  });

  test('replace those before, and nothing outside of the map, nor what programs write', () => {
    const { map, memory, outside } = fakeMap(SETTINGS.size);
    writeSettings(map, { ...DEFAULT_SETTINGS, rate: 2n ** 63n - 1n, includeLocal: true });
    writeSettings(map, { ...DEFAULT_SETTINGS, rate: 0n });
    expect(readBack(memory)).toEqual([
      [0n, 0n, 0n, 0n, 300_000_000_000n, 10_000_000_000n, 300_000_000_000n],
      [0, 0, 1, 0, 0, 1],
    ]);
    expect(outside()).toEqual(Array(BEFORE + 16).fill(UNTOUCHED));
    for (const field of ['readerWaits', 'overflows', 'departuresHeld'] as const)
      expect(memory[SETTINGS[field]]).toBe(UNTOUCHED);
  });
});

describe('the fixed settings', () => {
  test.each([
    [{ linkLayer: 'ethernet', tickNs: 4_000_000n }, [0, 0, 4_000_000, 0, 0, 0, 0, 0, 0]],
    [{ linkLayer: 'ip', tickNs: 1n }, [1, 0, 1, 0, 0, 0, 0, 0, 0]],
    [
      { linkLayer: 'ethernet', tickNs: 1n << 32n, clockFromPacket: false },
      [0, 0, 0, 1, 0, 0, 0, 0, 0],
    ],
    [{ linkLayer: 'ethernet', tickNs: 1n, isLoopback: true }, [0, 0, 1, 0, 0, 0, 0, 0, 1]],
    [{ linkLayer: 'ip', tickNs: 1n, clockFromPacket: true }, [1, 1, 1, 0, 0, 0, 0, 0, 0]],
    [
      {
        linkLayer: 'ip',
        tickNs: 1n,
        attribution: {
          owners: true,
          originals: 'sockets',
          namespace: 0xf000_0001,
          isFiltered: true,
        },
      },
      [1, 0, 1, 0, 1, 1, 0xf000_0001, 1, 0],
    ],
    [
      {
        linkLayer: 'ip',
        tickNs: 1n,
        attribution: { owners: false, originals: 'conntrack', namespace: 7, isFiltered: false },
      },
      [1, 0, 1, 0, 0, 2, 7, 0, 0],
    ],
  ] as const)('%j fill the map, and nothing outside of it', (fixed, values) => {
    const { map, memory, outside } = fakeMap(FIXED_SETTINGS.size);
    writeFixedSettings(map, { ...fixed, maxFlows: 131_072 });
    const words = Array.from({ length: FIXED_SETTINGS.maxFlows / 4 + 1 }, (_, word) =>
      LITTLE ? memory.readUInt32LE(4 * word) : memory.readUInt32BE(4 * word),
    );
    expect(words).toEqual([...values, 0, 131_072]);
    expect(outside()).toEqual(Array(BEFORE + 16).fill(UNTOUCHED));
  });
});
