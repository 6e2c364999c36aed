/** --report-interval: which samples are reported, and what becomes of those held back. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  type Kernel,
  MICROSECOND,
  MILLISECOND,
  meetInMidStream,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import type { KernelEvent, RttEvent } from '../../src/events/types.js';
import { Targets } from '../helpers/core/targets.js';

const INTERVAL = SECOND;

let kernel: Kernel;
let identifier: number;
let told: KernelEvent[];

beforeEach(() => {
  kernel = new Targets({ rate: 0n, reportInterval: INTERVAL });
  identifier = 100;
  told = [];
  meetInMidStream(kernel);
  kernel.events();
});
afterEach(() => {
  // Whatever the test did: no sample is lost.
  told.push(...kernel.events());
  const samples = rtts(told).reduce((sum, event) => sum + event.samples, 0);
  const { matched, handshakeMatched } = kernel.counters();
  kernel.close();
  expect(samples).toBe(matched + handshakeMatched);
});

function rtts(events: readonly KernelEvent[]): RttEvent[] {
  return events.filter((event) => event.type === 'rtt');
}

function events(): KernelEvent[] {
  const events = kernel.events();
  told.push(...events);
  return events;
}

/** A sample of so many microseconds that is complete at `at`. */
function sample(at: bigint, microseconds: number): void {
  const rtt = BigInt(microseconds) * MICROSECOND;
  exchange(
    kernel,
    { sent: at - rtt, answered: at },
    { tsval: ++identifier, seq: 100 * identifier },
  );
}

/** Where the client's data end. */
const end = () => 100 * identifier + 100;

/** What was reported: RTT, samples and the least of them, in microseconds; or the change of the flow. */
function reports(): (number[] | string)[] {
  return events().map((event) => {
    if (event.type === 'rtt') return [event.rtt / 1e3, event.samples, event.intervalMinRtt / 1e3];
    return event.type === 'flow' ? `${event.change} due to ${event.reason}` : event.type;
  });
}

describe('a report', () => {
  test('comes at once, then not before the interval is over, and stands for all since', () => {
    const start = 10n * MILLISECOND;
    sample(start, 50);
    expect(reports()).toEqual([[50, 1, 50]]);
    [70, 40, 60].forEach((microseconds, index) => {
      sample(start + BigInt(index + 1) * MILLISECOND, microseconds);
    });
    sample(start + INTERVAL - 1n, 80);
    expect(reports()).toEqual([]);
    sample(start + INTERVAL, 90);
    expect(reports()).toEqual([[90, 5, 40]]);
    sample(start + 2n * INTERVAL, 30);
    expect(reports()).toEqual([[30, 1, 30]]);
  });

  test('comes again after any time, but for a moment every 71 minutes', () => {
    const turn = 2n ** 32n * MICROSECOND;
    sample(SECOND, 50);
    sample(SECOND + turn - 2n * SECOND, 60);
    sample(SECOND + 2n * turn, 70);
    expect(reports()).toHaveLength(3);
    sample(SECOND + 3n * turn + MILLISECOND, 80);
    expect(reports()).toEqual([]);
    sample(SECOND + 3n * turn + INTERVAL, 90);
    expect(reports()).toEqual([[90, 2, 80]]);
  });

  test('does not come early because the clock of another CPU is behind', async () => {
    sample(SECOND, 50);
    sample(SECOND - 10n * MICROSECOND, 60);
    expect(reports()).toEqual([[50, 1, 50]]);
    await kernel.at(SECOND + INTERVAL).sweep();
    expect(reports()).toEqual([[60, 1, 60]]);
  });

  test("has the flow's least and smoothed RTT of all samples", () => {
    sample(SECOND, 80);
    sample(SECOND + MILLISECOND, 16);
    sample(3n * SECOND, 80);
    const last = rtts(events()).at(-1);
    expect([last?.minRtt, last?.srtt]).toEqual([16_000, 73_000]);
  });

  test('counts for each direction by itself', () => {
    sample(SECOND, 50);
    kernel.at(SECOND).ingress(SERVER, CLIENT, { tsval: 9, tsecr: 1, seq: 1000, payload: 10 });
    kernel.at(SECOND + 7_000n).egress(CLIENT, SERVER, { tsval: 1, tsecr: 9, ack: 1010 });
    expect(reports()).toEqual([
      [50, 1, 50],
      [7, 1, 7],
    ]);
  });

  test('is made of every sample where no interval is asked for', () => {
    kernel.set({ reportInterval: 0n });
    for (const at of [1n, 2n, 3n]) sample(SECOND + at * MILLISECOND, 50);
    expect(reports()).toHaveLength(3);
  });
});

describe('what is held back is reported', () => {
  beforeEach(() => {
    sample(SECOND, 50);
    sample(SECOND + MILLISECOND, 20);
    sample(SECOND + 2n * MILLISECOND, 30);
    expect(reports()).toEqual([[50, 1, 50]]);
  });

  test('by the first sweep after the interval, not before', async () => {
    await kernel.at(SECOND + INTERVAL - 1n).sweep();
    expect(reports()).toEqual([]);
    await kernel.at(SECOND + INTERVAL).sweep();
    expect(reports()).toEqual([[30, 2, 20]]);
    await kernel.at(SECOND + 3n * INTERVAL).sweep();
    expect(reports()).toEqual([]);
  });

  test('by a sweep that flushes', async () => {
    await kernel.at(SECOND + 3n * MILLISECOND).sweep(true);
    expect(reports()).toEqual([[30, 2, 20]]);
  });

  test('before the flow closes with a FIN', () => {
    kernel.egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 500, seq: end() });
    expect(reports()).toEqual([[30, 2, 20], 'closing due to FIN']);
  });

  test('before the flow is reset', () => {
    kernel.egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: end() });
    expect(reports()).toEqual([[30, 2, 20], 'closing due to RST']);
  });

  test('before its ports are used again', () => {
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 900, seq: 9 });
    kernel.ingress(SERVER, CLIENT, {
      flags: ['SYN', 'ACK'],
      tsval: 9,
      tsecr: 900,
      seq: 1,
      ack: 10,
    });
    expect(reports()).toEqual([[30, 2, 20], 'closing due to SYN']);
  });

  test('before the flow is forgotten', async () => {
    kernel.set({ reportInterval: 1_000n * SECOND });
    await kernel.at(400n * SECOND).sweep();
    expect(reports()).toEqual([[30, 2, 20], 'closing due to flow timeout']);
  });

  test('also where it came after the FINs, with the tombstone', async () => {
    const at = SECOND + 3n * MILLISECOND;
    kernel.at(at).egress(CLIENT, SERVER, { tsval: 500, seq: 50_000, payload: 10 });
    kernel.at(at).egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 501, seq: 50_010 });
    kernel.at(at).ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 1, seq: 1, ack: 1 });
    expect(reports()).toEqual([[30, 2, 20], 'closing due to FIN']);
    kernel.at(at + 9_000n).ingress(SERVER, CLIENT, { tsval: 1, tsecr: 500, seq: 2, ack: 50_010 });
    expect(reports()).toEqual([]);
    await kernel.at(10n * SECOND).sweep();
    expect(reports()).toEqual([[9, 1, 9]]);
  });
});
