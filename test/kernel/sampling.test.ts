/** Which of the packets that may be remembered are: rate, locality, full maps, lost events. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  Kernel,
  MILLISECOND,
  meetInMidStream,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { FATES, packetsIn } from '../../src/core/counters.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
afterEach(() => kernel.close());

/** Requests every millisecond, each answered 100 us later. @returns the milliseconds at which one gave a sample */
function sampledAt(milliseconds: number): number[] {
  for (let i = 0; i < milliseconds; i++) {
    const sent = BigInt(i) * MILLISECOND;
    exchange(kernel, { sent, answered: sent + 100_000n }, { tsval: 100 + i, seq: 1000 + 100 * i });
  }
  return kernel.rtts().map(({ timestamp }) => Number((timestamp - 1000n * SECOND) / MILLISECOND));
}

describe('--rate', () => {
  test('gives one sample in each interval of a direction', () => {
    kernel = new Targets({ rate: 10n * MILLISECOND });
    meetInMidStream(kernel);
    expect(sampledAt(35).map((at) => Math.floor(at / 10))).toEqual([0, 1, 2, 3]);
    expect(kernel.counters()).toMatchObject({ remembered: 4, rateLimited: 31 });
  });

  test('a nanosecond early is too early', () => {
    kernel = new Targets({ rate: MILLISECOND });
    meetInMidStream(kernel);
    exchange(kernel, { sent: 1n, answered: 5n }, { tsval: 100, seq: 1000 });
    exchange(kernel, { sent: MILLISECOND, answered: MILLISECOND + 5n }, { tsval: 101, seq: 1100 });
    exchange(
      kernel,
      { sent: MILLISECOND + 1n, answered: MILLISECOND + 9n },
      { tsval: 102, seq: 1200 },
    );
    expect(kernel.rtts().map(({ rtt }) => rtt)).toEqual([4, 8]);
  });

  test('0 samples every identifier', () => {
    kernel = new Targets({ rate: 0n });
    meetInMidStream(kernel);
    expect(sampledAt(20)).toHaveLength(20);
  });

  test('changes while the programs run', () => {
    kernel = new Targets({ rate: 0n });
    meetInMidStream(kernel);
    expect(sampledAt(5)).toHaveLength(5);
    kernel.set({ rate: 3n * MILLISECOND });
    for (let i = 5; i < 13; i++) {
      const sent = BigInt(i) * MILLISECOND;
      exchange(kernel, { sent, answered: sent + 1n }, { tsval: 100 + i, seq: 1000 + 100 * i });
    }
    expect(kernel.rtts()).toHaveLength(2);
  });

  test('counts for each direction by itself', () => {
    kernel = new Targets({ rate: SECOND });
    meetInMidStream(kernel);
    kernel.at(0n).egress(CLIENT, SERVER, { tsval: 100, tsecr: 1, seq: 1000, payload: 10 });
    kernel
      .at(1n)
      .ingress(SERVER, CLIENT, { tsval: 200, tsecr: 100, seq: 1000, ack: 1010, payload: 10 });
    kernel.at(3n).egress(CLIENT, SERVER, { tsval: 101, tsecr: 200, seq: 1010, ack: 1010 });
    expect(kernel.rtts().map(({ rtt }) => rtt)).toEqual([1, 2]);
  });
});

describe('packets that arrive for this machine', () => {
  const arrive = (toThisHost: boolean) => {
    const around = { toThisHost };
    kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 }, around);
    kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
    kernel.at(10n).ingress(SERVER, CLIENT, { tsval: 50, tsecr: 1, seq: 1000, payload: 9 }, around);
    kernel.at(90n).egress(CLIENT, SERVER, { tsval: 2, tsecr: 50, ack: 1009 });
    return kernel.rtts().map(({ rtt }) => rtt);
  };

  // 127.0.0.1 is local to any machine, whether it forwards or not.
  const local = { address: '127.0.0.1', port: 8080 };

  test('are not remembered: that would measure only its own stack', () => {
    kernel = new Targets({ rate: 0n });
    const around = { toThisHost: true };
    kernel.ingress(SERVER, local, { tsval: 1, tsecr: 1 }, around);
    kernel.ingress(SERVER, local, { tsval: 50, tsecr: 1, seq: 1000, payload: 9 }, around);
    kernel.ingress(SERVER, local, { tsval: 51, tsecr: 1, seq: 1009, payload: 9 }, around);
    expect(kernel.counters()).toMatchObject({ local: 2, remembered: 0 });
  });

  test('are remembered with --include-local', () => {
    kernel = new Targets({ rate: 0n, includeLocal: true });
    expect(arrive(true)).toEqual([80]);
  });

  test('are told from those only passing by (a router, a mirrored port)', () => {
    kernel = new Targets({ rate: 0n });
    expect(arrive(false)).toEqual([80]);
  });
});

test('every packet is counted once, by what became of it', () => {
  kernel = new Targets({ rate: 10n * MILLISECOND });
  meetInMidStream(kernel);
  sampledAt(30);
  kernel.egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: 4000 });
  kernel.egress(CLIENT, SERVER, { tsval: 1000, payload: 1 });
  kernel.egress(CLIENT, SERVER, { options: Buffer.alloc(0) });
  kernel.egress(CLIENT, SERVER, {}, { protocol: 17 });
  kernel.egress({ ...CLIENT, port: 9 }, SERVER, { flags: ['SYN'], tsval: 1000 });
  const counters = kernel.counters();
  expect(FATES.reduce((sum, name) => sum + counters[name], 0)).toBe(packetsIn(counters));
  expect(counters).toMatchObject({
    egress: 36,
    ingress: 31,
    reset: 1,
    lingering: 1,
    noTimestamp: 1,
    notTcp: 1,
    handshake: 1,
  });
});

describe('what there is no room for is counted', () => {
  test('events, when the ring buffer is full; the others are whole', () => {
    const ringBytes = 64 << 10;
    kernel = new Kernel({ rate: 0n }, 'ethernet', { events: ringBytes });
    meetInMidStream(kernel);
    kernel.events();
    const fit = Math.floor(ringBytes / (8 + 128));
    for (let i = 0; i < fit + 100; i++) {
      const sent = BigInt(i) * 10n;
      exchange(kernel, { sent, answered: sent + 5n }, { tsval: 100 + i, seq: 1000 + 100 * i });
    }
    const { matched, rttEventsLost } = kernel.counters();
    const kept = kernel.rtts();
    expect(matched).toBe(fit + 100);
    expect(kept).toHaveLength(matched - rttEventsLost);
    expect(kept.every(({ rtt }) => rtt === 5)).toBe(true);
    expect(rttEventsLost).toBeGreaterThanOrEqual(100);
  });

  test('packets, when the flow map is full; known flows are still measured', () => {
    kernel = new Targets({ rate: 0n }, 'ethernet', { flows: 1 });
    meetInMidStream(kernel);
    for (let port = 1; port <= 10; port++) {
      kernel.egress({ ...CLIENT, port }, SERVER, { tsval: 1, tsecr: 1, payload: 1 });
    }
    exchange(kernel, { sent: 10n, answered: 15n }, { tsval: 100, seq: 1000 });
    expect(kernel.counters()).toMatchObject({ flowMapFull: 10, matched: 1 });
  });

  test('identifiers, when the timestamp map is full; the attempt counts against the rate', () => {
    kernel = new Targets({ rate: MILLISECOND }, 'ethernet', { timestamps: 1 });
    meetInMidStream(kernel);
    const send = (at: bigint, tsval: number) =>
      kernel.at(at).egress(CLIENT, SERVER, { tsval, seq: 10 * tsval, payload: 10 });
    send(0n, 100);
    send(MILLISECOND, 101);
    send(2n * MILLISECOND, 102);
    send(2n * MILLISECOND + 1n, 103);
    expect(kernel.counters()).toMatchObject({ remembered: 2, timestampMapFull: 1, rateLimited: 1 });
  });

  test('flows that found no room together do not try again together', () => {
    kernel = new Targets({ rate: SECOND }, 'ethernet', { timestamps: 1 });
    const clients = Array.from({ length: 40 }, (_, port) => ({ ...CLIENT, port: port + 1 }));
    const send = (at: bigint, tsval: number) => {
      kernel.at(at);
      for (const client of clients) {
        kernel.egress(client, SERVER, { tsval, seq: tsval, payload: 1 });
      }
      return kernel.counters();
    };
    send(0n, 1);
    for (const client of clients) kernel.ingress(SERVER, client, { tsval: 1, tsecr: 1 });
    send(1n, 2); // these wait in their flows
    let before = send(SECOND + 1n, 3);
    expect(before.timestampMapFull).toBe(39);
    const tries = [8n, 9n, 10n, 11n].map((quarters, index) => {
      const now = send((quarters * SECOND) / 4n + 1n, 4 + index);
      const tried = now.timestampMapFull - before.timestampMapFull;
      before = now;
      return tried;
    });
    // At once only the one whose first attempt had found room.
    expect(tries[0]).toBe(1);
    for (const tried of tries.slice(1)) expect(tried).toBeGreaterThan(5);
    expect(tries.reduce((sum, tried) => sum + tried)).toBeGreaterThan(30);
  });
});
