/** How much is remembered, and for how long. */
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../sampling/policy.js';
import { durationText } from '../../text/units.js';
import { atLeast, parseEntries, parseFlows, parsePositiveDuration } from '../arguments.js';
import { parseDuration } from '../duration.js';
import type { OptionRow } from '../row.js';

const SECOND = 1_000_000_000n;
/** A sweep walks both maps: more often would only cost. */
const LEAST_CLEANUP_INTERVAL = SECOND / 100n;
const { flowTimeout, timestampTimeout } = DEFAULT_SETTINGS;

export const HOUSEKEEPING = [
  {
    flags: '--flow-timeout <duration>',
    help: 'forget a flow that has been idle for this long',
    parse: parsePositiveDuration,
    default: flowTimeout,
    defaultText: durationText(flowTimeout),
    sets: 'settings.flowTimeout',
    write: durationText,
  },
  {
    flags: '--timestamp-timeout <duration>',
    help: 'stop waiting for an answer after this long',
    parse: parsePositiveDuration,
    default: timestampTimeout,
    defaultText: durationText(timestampTimeout),
    sets: 'settings.timestampTimeout',
    write: durationText,
  },
  {
    flags: '--cleanup-interval <duration>',
    help: 'time between two sweeps, which remove stale flows and timestamps',
    parse: (text: string) => atLeast(LEAST_CLEANUP_INTERVAL, parseDuration(text)),
    default: SECOND,
    defaultText: durationText(SECOND),
    sets: 'cleanupInterval',
  },
  {
    flags: '--max-flows <n>',
    help: 'maximum number of tracked flows; a connection is one flow at each interface that it crosses',
    parse: parseFlows,
    default: DEFAULT_CAPACITY.flows,
    commands: { doctor: 'check that memory suffices for this many flows' },
    sets: 'capacity.flows',
  },
  {
    flags: '--max-timestamps <n>',
    help: 'maximum number of packets that wait for an answer at the same time, besides one per flow and direction',
    parse: parseEntries,
    default: DEFAULT_CAPACITY.timestamps,
    commands: { doctor: 'check that memory suffices for this many waiting packets' },
    sets: 'capacity.timestamps',
  },
] as const satisfies readonly OptionRow[];
