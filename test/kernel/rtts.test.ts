/** What is kept of a direction's RTTs: the least of --min-window, and how much they vary. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  type Kernel,
  MILLISECOND,
  meetInMidStream,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import type { RttEvent } from '../../src/events/types.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';

const WINDOW = 10n * SECOND;

let kernel: Kernel;
let identifier: number;
afterEach(() => kernel.close());

function begin(settings: Partial<Settings> = {}): void {
  kernel = new Targets({ rate: 0n, minWindow: WINDOW, ...settings });
  identifier = 100;
  meetInMidStream(kernel);
  kernel.events();
}

/** A sample that is complete at `at`. */
function sample(at: bigint, rtt: bigint): RttEvent {
  exchange(
    kernel,
    { sent: at - rtt, answered: at },
    { tsval: ++identifier, seq: 100 * identifier },
  );
  return kernel.rtts().at(-1) as RttEvent;
}

/** The least, in ms, after each of these RTTs in ms, complete so many ms after 20 s. */
function leasts(...samples: readonly [at: number, rtt: number][]): number[] {
  return samples.map(([at, rtt]) => {
    const time = 20n * SECOND + BigInt(at) * MILLISECOND;
    return sample(time, BigInt(rtt) * MILLISECOND).minRtt / 1e6;
  });
}

describe('the least RTT', () => {
  test('that is lower holds at once, a higher one after half a window to a whole one', () => {
    begin();
    expect(
      leasts([0, 10], [4_990, 60], [5_000, 60], [9_980, 70], [10_010, 65], [10_020, 9]),
    ).toEqual([10, 10, 10, 10, 60, 9]);
  });

  test('that came at the end of a half holds for half a window', () => {
    begin();
    expect(leasts([0, 60], [4_990, 10], [5_010, 60], [9_990, 61], [10_030, 62])).toEqual([
      60, 10, 10, 10, 60,
    ]);
  });

  test('is that of the next RTT after a window without any', () => {
    begin();
    expect(leasts([0, 10], [10_010, 60], [10_020, 50], [20_050, 90])).toEqual([10, 60, 50, 90]);
  });

  test('looks back to the start without a window', () => {
    begin({ minWindow: 0n, flowTimeout: 10_000n * SECOND });
    expect(leasts([0, 10], [1_000_000, 60], [2_000_000, 60])).toEqual([10, 10, 10]);
  });

  test('may look back less far from now on', () => {
    begin({ minWindow: 0n });
    expect(leasts([0, 10], [3_000, 60])).toEqual([10, 10]);
    kernel.set({ minWindow: SECOND });
    expect(leasts([3_100, 60])).toEqual([60]);
  });

  test('is not lowered by what is too large to be remembered beyond its half', () => {
    begin();
    expect(leasts([0, 4_500], [5_100, 5_000], [9_500, 4_300], [14_000, 4_400])).toEqual([
      4_500, 5_000, 4_300, 4_400,
    ]);
    expect(leasts([18_500, 4_290], [23_000, 4_400])).toEqual([4_290, 4_290]);
  });

  test('is of each direction by itself', () => {
    begin();
    expect(leasts([0, 10])).toEqual([10]);
    kernel.at(21n * SECOND).ingress(SERVER, CLIENT, { tsval: 9, tsecr: 1, seq: 1000, payload: 10 });
    kernel.at(21n * SECOND + 7_000n).egress(CLIENT, SERVER, { tsval: 1, tsecr: 9, ack: 1010 });
    expect(kernel.rtts()).toMatchObject([{ minRtt: 7_000 }]);
    expect(leasts([10_010, 60])).toEqual([60]);
  });

  test('survives a clock that is a little behind', () => {
    begin();
    expect(leasts([0, 10])).toEqual([10]);
    expect(sample(20n * SECOND - 3n * MILLISECOND, 12n * MILLISECOND).minRtt).toBe(10_000_000);
    expect(leasts([4_900, 60])).toEqual([10]);
  });

  test('that --rtt-rate multiplies is that of the window', () => {
    begin({ rate: SECOND, rttRate: 1_000n, rttType: 'min' });
    const sent = (at: number, rtt: number) => {
      const before = identifier;
      exchange(
        kernel,
        {
          sent: 20n * SECOND + BigInt(at) * MILLISECOND,
          answered: 20n * SECOND + BigInt(at + rtt) * MILLISECOND,
        },
        { tsval: ++identifier, seq: 100 * identifier },
      );
      expect(identifier).toBe(before + 1);
      return kernel.rtts().length;
    };
    expect([sent(0, 10), sent(10, 60), sent(80, 60)]).toEqual([1, 1, 1]);
    expect([sent(11_000, 60), sent(11_059, 60), sent(11_060, 60)]).toEqual([1, 0, 1]);
  });
});

describe('rttvar', () => {
  test('is as RFC 6298 has it, to the nanosecond', () => {
    begin();
    const rtts = [8_000_001n, 5_000_003n, 30_000_007n, 5_000_002n, 5_000_002n];
    let [srtt, rttvar] = [0n, 0n];
    rtts.forEach((rtt, index) => {
      if (index === 0) [srtt, rttvar] = [rtt, rtt / 2n];
      else {
        const apart = srtt > rtt ? srtt - rtt : rtt - srtt;
        rttvar = (3n * rttvar + apart) / 4n;
        srtt = (7n * srtt + rtt) / 8n;
      }
      expect(sample(SECOND + BigInt(index) * 100n * MILLISECOND, rtt)).toMatchObject({
        srtt: Number(srtt),
        rttvar: Number(rttvar),
      });
    });
  });

  test('is 4.29 s at most', () => {
    begin();
    expect(sample(20n * SECOND, 9n * SECOND).rttvar).toBe(2 ** 32 - 1);
    // (3 x 4.29 s + 9 s) / 4 is more; of no variation three quarters are left.
    expect(sample(40n * SECOND, 9n * SECOND).rttvar).toBe(Math.floor((3 * (2 ** 32 - 1)) / 4));
  });
});
