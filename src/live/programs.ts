/** The programs, in the kernel but attached to nothing. */
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { Fault } from '../faults.js';
import { tickLength } from '../libbpf/clock.js';
import { KernelError } from '../libbpf/errors.js';
import { BpfObject } from '../libbpf/object.js';
import type { LinkLayer } from '../link-layer.js';
import { FILTER_MAP, FIXED_MAP, writeFixedSettings } from '../maps/settings.js';
import type { Filter } from '../sampling/filter.js';
import { writeFilter } from '../sampling/filter-memory.js';
import type { Capacity } from '../sampling/policy.js';
import { capabilitiesIn } from './capabilities.js';
import { needsPreallocation, OBJECT } from './requirements.js';

/** linux/bpf.h */
const BPF_F_NO_PREALLOC = 1;

const PROGRAMS = ['pping_egress', 'pping_ingress', 'pping_sweep'] as const;

/** What they are told before they are loaded. */
export interface Constants {
  readonly capacity: Capacity;
  readonly filter: Filter;
}

/** Throws a Fault where the kernel does not take them. */
export function loadPrograms(linkLayer: LinkLayer, { capacity, filter }: Constants): BpfObject {
  const object = new BpfObject(OBJECT);
  try {
    writeFixedSettings(object.map(FIXED_MAP), { linkLayer, tickNs: tickLength() });
    writeFilter(object.map(FILTER_MAP), filter);
    object.map('flows').maxEntries = capacity.flows;
    object.map('timestamps').maxEntries = capacity.timestamps;
    if (needsPreallocation(release())) preallocate(object);
    object.load(PROGRAMS);
    return object;
  } catch (error) {
    object.close();
    throw explained(error);
  }
}

/** Has the maps that are swept take all of their memory when they are loaded. */
export function preallocate(object: BpfObject): void {
  for (const name of ['flows', 'timestamps']) object.map(name).flags &= ~BPF_F_NO_PREALLOC;
}

/** Where a capability is missing, the verifier's words on the program only lead astray. */
function explained(error: unknown): unknown {
  if (!(error instanceof KernelError) || !['EPERM', 'EACCES'].includes(error.name)) return error;
  const { lacking, isAdministrator } = capabilitiesIn(readFileSync('/proc/self/status', 'utf8'));
  if (lacking.length === 0 || isAdministrator) return error;
  const { operation, name } = error;
  return new Fault(
    `cannot ${operation} without ${lacking.join(', ')} (${name}); pping needs root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON`,
    { cause: error },
  );
}
