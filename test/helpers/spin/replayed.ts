/** The replay's core alone, which is fast: for many connections. */

import { NO_FILTER } from '../../../src/sampling/filter.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS } from '../../../src/sampling/policy.js';
import { Replica } from '../core/replica.js';
import type { Core } from './told.js';

/** For one connection after the other. */
export function replayedCore(): Core {
  const settings = { ...DEFAULT_SETTINGS, rate: 0n, includeLocal: true };
  const replica = new Replica(settings, 'ethernet', DEFAULT_CAPACITY);
  replica.core.filter({ ...NO_FILTER, protocols: ['quic'] });
  return {
    show: (hook, frame, now) => replica.show(hook, frame, now),
    events: () => replica.events(),
    sweep: (now) => replica.sweep(now, false),
  };
}
