/** How often is sampled. */

import type { Settings } from '../../sampling/policy.js';
import { type Burst, DEFAULT_SETTINGS, RTT_TYPES, type RttType } from '../../sampling/policy.js';
import { durationText, factorText } from '../../text/units.js';
import { parseBurst, parseMinWindow, parseRttRate } from '../arguments.js';
import { parseDuration } from '../duration.js';
import type { OptionRow } from '../row.js';

const { rate, rttRate, rttType, minWindow } = DEFAULT_SETTINGS;

export const SAMPLING = [
  {
    flags: '--rate <duration>',
    help: 'take at most one sample per flow and direction in each interval of this length; 0 = as many as can be measured',
    parse: parseDuration,
    default: rate,
    defaultText: durationText(rate),
    sets: 'settings.rate',
    write: (rate: bigint) => (rate === 0n ? '0' : durationText(rate)),
  },
  {
    flags: '--rtt-rate <factor>',
    help: "take at most one sample per this many RTTs, once the flow's RTT is known; until then --rate applies",
    parse: parseRttRate,
    default: rttRate,
    defaultText: 'off',
    sets: 'settings.rttRate',
    write: (rttRate: bigint) => (rttRate > 0n ? factorText(rttRate) : undefined),
  },
  {
    flags: '--rtt-type <min|smoothed>',
    help: "the RTT that --rtt-rate multiplies: the flow's minimum or its smoothed RTT",
    choices: RTT_TYPES,
    default: rttType,
    sets: 'settings.rttType',
    write: (rttType: RttType, { rttRate }: Settings) => (rttRate > 0n ? rttType : undefined),
    conflicts: [
      {
        with: 'rttRate',
        where: (factor: bigint) => factor === 0n,
        message: '--rtt-type needs --rtt-rate',
      },
    ],
  },
  {
    flags: '--min-window <duration>',
    help: 'compute the minimum RTT of a flow or host over a window of this length, so that a route change is noticed; 0 = the whole run',
    parse: parseMinWindow,
    default: minWindow,
    defaultText: durationText(minWindow),
    sets: 'settings.minWindow',
    write: (window: bigint) => {
      if (window === minWindow) return undefined;
      return window === 0n ? '0' : durationText(window);
    },
  },
  {
    flags: '--burst <n>/<duration>',
    help: 'take up to n samples per sampling interval, all within this duration, such as 3/4ms',
    parse: parseBurst,
    // Its conflicts are between values of three settings: conflictIn (sampling/policy.ts) has them.
    sets: 'settings.burst',
    write: (burst: Burst | undefined) => burst && `${burst.count}/${durationText(burst.duration)}`,
  },
  {
    flags: '--no-handshake',
    help: 'do not report RTTs of handshakes',
    sets: 'settings.handshake',
    write: (handshake: boolean) => (handshake ? undefined : ''),
  },
  {
    flags: '--no-sequence',
    help: 'do not measure connections without TCP timestamps (by default they are measured by sequence numbers)',
    sets: 'settings.sequence',
    write: (sequence: boolean) => (sequence ? undefined : ''),
  },
] as const satisfies readonly OptionRow[];
