/** The verifier takes the programs with all that may be asked of them, in each object that has them. */
import { describe, expect, test } from '@jest/globals';
import { type Constants, ETHERNET, loadPrograms } from '../../src/live/programs.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { NO_FILTER } from '../../src/sampling/filter.js';
import { EVERYONE } from '../../src/sampling/owner-filter.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';

const BASE: Constants = {
  capacity: DEFAULT_CAPACITY,
  filter: { ...NO_FILTER, protocols: ['all'] },
  tunnels: true,
};
const AGGREGATED = { ...NO_AGGREGATION, interval: 1_000_000_000n, events: true };

describe('all protocols', () => {
  test.each<[string, Partial<Constants>]>([
    ['alone', {}],
    ['with aggregates', { aggregation: AGGREGATED }],
    [
      'with owners',
      { attribution: { owners: true, originals: 'none', filter: { cgroups: [], pids: [1] } } },
    ],
    [
      'with owners and the ends before NAT',
      { attribution: { owners: true, originals: 'sockets', filter: EVERYONE } },
    ],
  ])('%s', async (_, more) => {
    const watched = { ...ETHERNET, links: ['ethernet', 'ip'] as const, areSeveral: true };
    const object = await loadPrograms(watched, { ...BASE, ...more });
    expect(object.programs.length).toBeGreaterThan(0);
    object.close();
  });
});
