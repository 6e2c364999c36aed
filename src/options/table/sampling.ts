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
    help: 'one sample of each direction of a flow in every such interval; 0 = every new identifier',
    parse: parseDuration,
    default: rate,
    defaultText: durationText(rate),
    sets: 'settings.rate',
    write: (rate: bigint) => (rate === 0n ? '0' : durationText(rate)),
  },
  {
    flags: '--rtt-rate <factor>',
    help: "sample at most once per this many RTTs, once the flow's RTT is known; until then --rate applies",
    parse: parseRttRate,
    default: rttRate,
    defaultText: 'off',
    sets: 'settings.rttRate',
    write: (rttRate: bigint) => (rttRate > 0n ? factorText(rttRate) : undefined),
  },
  {
    flags: '--rtt-type <type>',
    help: 'which RTT of the flow --rtt-rate multiplies: min or smoothed',
    choices: RTT_TYPES,
    default: rttType,
    sets: 'settings.rttType',
    write: (rttType: RttType, { rttRate }: Settings) => (rttRate > 0n ? rttType : undefined),
    conflicts: [
      {
        with: 'rttRate',
        where: (factor: bigint) => factor === 0n,
        message: '--rtt-type means nothing without --rtt-rate',
      },
    ],
  },
  {
    flags: '--min-window <duration>',
    help: 'the least RTT of a flow or host is that of the last so long; what is older may be of another route; 0 = all',
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
    help: 'leave out the RTTs of handshakes',
    sets: 'settings.handshake',
    write: (handshake: boolean) => (handshake ? undefined : ''),
  },
  {
    flags: '--no-sequence',
    help: 'leave out connections without TCP timestamps; otherwise sequence numbers give their RTTs',
    sets: 'settings.sequence',
    write: (sequence: boolean) => (sequence ? undefined : ''),
  },
] as const satisfies readonly OptionRow[];
