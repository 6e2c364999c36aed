/** Which new identifiers are remembered: --rtt-rate, --burst, and all of it together. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  type Kernel,
  MILLISECOND,
  meetInMidStream,
  SECOND,
  SERVER,
  START,
} from '../../lab/kernel/kernel.js';
import type { End } from '../../lab/kernel/packets.js';
import { newRandom } from '../../lab/random.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Rates } from '../helpers/core/rates.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
afterEach(() => kernel.close());

let identifier: number;

/** @returns the flow's cookie */
function begin(settings: Partial<Settings>, sizes: Record<string, number> = {}): bigint {
  kernel = new Targets(settings, 'ethernet', sizes);
  identifier = 100;
  meetInMidStream(kernel);
  return BigInt(kernel.events()[0]?.flowId ?? 0);
}

/** Data with a new identifier at `sent`, answered after `rtt`. @returns whether it was remembered */
function send(sent: bigint, rtt = 1_000n): boolean {
  const tsval = ++identifier;
  kernel.at(sent).egress(CLIENT, SERVER, { tsval, seq: 100 * tsval, payload: 100 });
  kernel.at(sent + rtt).ingress(SERVER, CLIENT, { tsval: 1, tsecr: tsval, ack: 100 * tsval + 100 });
  return kernel.rtts().length > 0;
}

/** The times, of those given, at which an identifier was remembered. */
function remembered(times: readonly bigint[], rtt?: bigint): bigint[] {
  return times.filter((time) => send(time, rtt));
}

/** From 0 up to, not including, `end`. */
function every(step: bigint, end: bigint): bigint[] {
  return Array.from({ length: Number(end / step) }, (_, index) => BigInt(index) * step);
}

/** Whether one is remembered that comes after others, each [when, its RTT], in a flow of its own. */
function isSampledAfter(
  settings: Partial<Settings>,
  before: readonly (readonly [bigint, bigint])[],
  time: bigint,
): boolean {
  begin(settings);
  expect(before.map(([sent, rtt]) => send(sent, rtt))).toEqual(before.map(() => true));
  const isSampled = send(time);
  kernel.close();
  return isSampled;
}

/** The next of a direction's samples may be taken from then on, and not a nanosecond earlier. */
function expectDue(
  settings: Partial<Settings>,
  before: readonly (readonly [bigint, bigint])[],
  time: bigint,
): void {
  expect(isSampledAfter(settings, before, time - 1n)).toBe(false);
  expect(isSampledAfter(settings, before, time)).toBe(true);
}

describe('--rtt-rate', () => {
  test('is off until an RTT is known: then the interval follows from it', () => {
    const rest = { rate: 10n * MILLISECOND, rttRate: 2_000n };
    const due = (...times: bigint[]) => {
      begin(rest);
      // Nothing answers the first one, so that --rate still holds; then twice 3 ms.
      kernel.at(0n).egress(CLIENT, SERVER, { tsval: 50, seq: 1000, payload: 1 });
      const found = remembered(
        times.map((time) => time * MILLISECOND),
        3n * MILLISECOND,
      );
      kernel.close();
      return found.map((time) => time / MILLISECOND);
    };
    expect(due(9n, 10n, 15n)).toEqual([10n]);
    expect(due(10n, 16n)).toEqual([10n, 16n]);
  });

  test('may be a fraction, and a nanosecond early is too early', () => {
    expectDue({ rate: SECOND, rttRate: 250n }, [[0n, 1_000n]], 250n);
  });

  test('follows the least RTT', () => {
    const settings = { rate: SECOND, rttRate: 1_000n, rttType: 'min' } as const;
    expectDue(settings, [[0n, 1_000n]], 1_000n);
    expectDue(
      settings,
      [
        [0n, 1_000n],
        [1_000n, 9_000n],
      ],
      2_000n,
    );
    expectDue(
      settings,
      [
        [0n, 1_000n],
        [1_000n, 500n],
      ],
      1_500n,
    );
  });

  test('or the smoothed one', () => {
    const settings = { rate: SECOND, rttRate: 1_000n, rttType: 'smoothed' } as const;
    // (7 x 1000 + 9000) / 8 = 2000
    expectDue(
      settings,
      [
        [0n, 1_000n],
        [1_000n, 9_000n],
      ],
      3_000n,
    );
  });

  test('never asks for more than a minute', () => {
    begin({ rate: 1n, rttRate: 10_000_000n });
    expect(remembered([0n, 60n * SECOND - 1n, 60n * SECOND], SECOND)).toEqual([0n, 60n * SECOND]);
  });

  test('with --rate 0 samples every identifier until an RTT is known', () => {
    begin({ rate: 0n, rttRate: 1_000n });
    for (const tsval of [50, 51, 52]) {
      kernel.at(0n).egress(CLIENT, SERVER, { tsval, seq: 1000 + tsval, payload: 1 });
    }
    expect(kernel.counters().remembered).toBe(3);
    expect(remembered([10n, 1_009n, 1_010n], 1_000n)).toEqual([10n, 1_010n]);
  });
});

describe('--burst', () => {
  const burst = { count: 3, duration: 4n * MILLISECOND };

  test('takes up to n new identifiers within the duration, which counts from the first', () => {
    begin({ rate: 20n * MILLISECOND, burst });
    const times = every(MILLISECOND, 50n * MILLISECOND);
    expect(remembered(times).map((time) => time / MILLISECOND)).toEqual(
      [0, 1, 2, 20, 21, 22, 40, 41, 42].map(BigInt),
    );
  });

  test('ends with the duration, inclusive, also where fewer came', () => {
    begin({ rate: 20n * MILLISECOND, burst });
    const last = burst.duration;
    expect(remembered([0n, last - 1n, last + 1n, 19n * MILLISECOND])).toEqual([0n, last - 1n]);
    const next = 20n * MILLISECOND;
    expect(remembered([next, next + last, next + last + 1n])).toEqual([next, next + last]);
  });

  test('goes together with --rtt-rate', () => {
    begin({ rate: SECOND, rttRate: 10_000n, burst: { count: 2, duration: 3_000n } });
    expect(remembered(every(1_000n, 31_000n), 1_000n).map(Number)).toEqual([
      0, 1_000, 10_000, 11_000, 20_000, 21_000, 30_000,
    ]);
  });

  test('counts the handshake as its first', () => {
    kernel = new Targets({ rate: SECOND, burst: { count: 2, duration: MILLISECOND } });
    identifier = 100;
    kernel.at(0n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 0 });
    const synAck = { tsval: 1, tsecr: 10, seq: 0, ack: 1 };
    kernel.at(1_000n).ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], ...synAck });
    kernel.at(2_000n).egress(CLIENT, SERVER, { tsval: 11, tsecr: 1, seq: 1, ack: 1 });
    kernel.events();
    expect(remembered([3_000n, 4_000n, SECOND - 1n, SECOND])).toEqual([3_000n, SECOND]);
  });

  test('counts attempts for which there was no room', () => {
    begin({ rate: SECOND, burst }, { timestamps: 1 });
    for (let index = 0n; index < 6n; index++) {
      kernel.at(index).egress(CLIENT, SERVER, {
        tsval: 50 + Number(index),
        seq: 1000 + Number(index),
        payload: 1,
      });
    }
    // One waits in the flow, one in the map.
    expect(kernel.counters()).toMatchObject({ remembered: 2, timestampMapFull: 1, rateLimited: 3 });
  });
});

test('where there is no room for the first of a burst, there is no burst', () => {
  begin({ rate: SECOND, burst: { count: 3, duration: SECOND } }, { timestamps: 1 });
  const other = { ...CLIENT, port: 1 };
  const send = (from: End, tsvals: number[]) => {
    for (const tsval of tsvals)
      kernel.egress(from, SERVER, { tsval, seq: 1000 + tsval, payload: 1 });
  };
  kernel.ingress(SERVER, other, { tsval: 1, tsecr: 1 });
  send(other, [50, 51, 52]);
  send(CLIENT, [50]);
  kernel.at(SECOND);
  send(CLIENT, [51, 52, 53]);
  expect(kernel.counters()).toMatchObject({ remembered: 3, timestampMapFull: 1, rateLimited: 2 });
});

test('spread intervals are up to half as long again, and differ', () => {
  const settings = { rate: SECOND, spread: true };
  const model = new Rates(settings, begin(settings));
  const times = every(10n * MILLISECOND, 30n * SECOND);
  const expected = times.filter((time) =>
    model.offer(START + time, 1_000n, identifier + 1 + at(time)),
  );
  expect(remembered(times)).toEqual(expected);
  const lengths = model.windows
    .slice(1)
    .map((start, index) => start - (model.windows[index] ?? 0n));
  expect(lengths.filter((length) => length < SECOND || length > 1510n * MILLISECOND)).toEqual([]);
  expect(new Set(lengths).size).toBeGreaterThan(5);
});

/** Which packet it is. */
const at = (time: bigint) => Number(time / (10n * MILLISECOND));

test('options together: the same packets are remembered as by the rules', () => {
  const random = newRandom();
  const { seed } = random;
  for (let round = 0; round < 20; round++) {
    const count = 2 + random.below(3);
    const settings = {
      rate: BigInt(random.below(3)) * 5_000n,
      rttRate: BigInt(random.below(3)) * 700n,
      rttType: random.below(2) === 0 ? ('min' as const) : ('smoothed' as const),
      burst: random.below(2) === 0 ? undefined : { count, duration: BigInt(random.below(4_000)) },
      reportInterval: 0n,
    };
    const model = new Rates(settings, begin(settings));
    let now = 0n;
    for (let packet = 0; packet < 150; packet++) {
      const rtt = 1n + BigInt(random.below(3_000));
      const expected = model.offer(START + now, rtt, identifier + 1);
      const told = { seed, round, packet, remembered: send(now, rtt) };
      expect(told).toEqual({ ...told, remembered: expected });
      now += rtt + BigInt(random.below(2_000));
    }
    if (round < 19) kernel.close();
  }
});

test('the RTT is smoothed by the weights of RFC 6298, to the nanosecond', () => {
  begin({ rate: 0n });
  const random = newRandom();
  let smoothed = 0n;
  let least = 0n;
  for (let index = 0n; index < 60n; index++) {
    const rtt = 1n + BigInt(random.below(50_000_000));
    const tsval = 200 + Number(index);
    kernel.at(index * SECOND).egress(CLIENT, SERVER, { tsval, seq: 100 * tsval, payload: 100 });
    const answer = { tsval: 1, tsecr: tsval, ack: 100 * tsval + 100 };
    kernel.at(index * SECOND + rtt).ingress(SERVER, CLIENT, answer);
    smoothed = smoothed === 0n ? rtt : (7n * smoothed + rtt) / 8n;
    least = least === 0n || rtt < least ? rtt : least;
    const { seed } = random;
    const [event] = kernel.rtts();
    const { timestamp, srtt, minRtt } = event ?? {};
    expect({ seed, timestamp, rtt: event?.rtt, srtt, minRtt }).toEqual({
      seed,
      timestamp: START + index * SECOND + rtt,
      rtt: Number(rtt),
      srtt: Number(smoothed),
      minRtt: Number(least),
    });
  }
});
