/** The programs with all that they can do asked for. */
import { writeAggregation } from '../../../src/core/aggregation.js';
import type { FixedSettings } from '../../../src/core/fixed-settings.js';
import { writeFixedSettings } from '../../../src/core/fixed-settings.js';
import { BpfObject } from '../../../src/libbpf/object.js';
import { AGGREGATION_MAP } from '../../../src/maps/aggregates.js';
import { FIXED_MAP } from '../../../src/maps/settings.js';
import { type AggregatedBy, NO_AGGREGATION } from '../../../src/sampling/aggregation.js';
import { DEFAULT_CAPACITY } from '../../../src/sampling/policy.js';

/** What an object was compiled with. */
export interface Knows {
  readonly owners: boolean;
  readonly originals: boolean;
}

/** What constants leave out of a program, the verifier does not look at: here they leave out nothing. */
export function everything({ owners, originals }: Knows): FixedSettings {
  const known = { owners, originals: originals ? 'conntrack' : 'none' } as const;
  const attribution = { ...known, isFiltered: owners, namespace: 1 };
  const { flows: maxFlows } = DEFAULT_CAPACITY;
  const several = { areSeveral: true, areNumbered: true };
  const protocols = { protocols: ['all'], dnsNames: true } as const;
  return { tickNs: 4_000_000n, maxFlows, ...several, ...protocols, tunnels: true, attribution };
}

const ALL_AGGREGATES = { ...NO_AGGREGATION, interval: 1n, events: true };

/** All that the object has. Throws where the kernel does not take them. */
export function loadOnce(path: string, fixed?: FixedSettings, by: AggregatedBy = 'prefix'): void {
  const object = new BpfObject(path);
  try {
    if (fixed) {
      writeFixedSettings(object.map(FIXED_MAP), fixed);
      writeAggregation(object.map(AGGREGATION_MAP), { ...ALL_AGGREGATES, by });
    }
    object.load(object.programs);
  } finally {
    object.close();
  }
}
