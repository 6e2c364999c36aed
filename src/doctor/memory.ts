/** Whether full maps and the reader fit. BPF memory counts towards the cgroup of who made it. */
import { mostMemory } from '../core/map-memory.js';
import type { Capacity } from '../sampling/policy.js';
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';

const MIB = 1 << 20;
/** Version 1 says so where there is no limit: all pages there can be. */
const NO_LIMIT = 2 ** 62;
const SMALL: Capacity = { flows: 16_384, timestamps: 16_384 };
const LEAST_MIB = Math.ceil(mostMemory(SMALL) / MIB);
const FIX = `add memory, or use smaller maps: --max-flows ${SMALL.flows} --max-timestamps ${SMALL.timestamps}`;

/** Where limits are, by the controllers that /proc/self/cgroup names; none is cgroup2. */
const HIERARCHIES = [
  { controllers: '', mount: '/sys/fs/cgroup', file: 'memory.max' },
  { controllers: '', mount: '/sys/fs/cgroup/unified', file: 'memory.max' },
  { controllers: 'memory', mount: '/sys/fs/cgroup/memory', file: 'memory.limit_in_bytes' },
] as const;

interface Room {
  readonly mib: number;
  /** Behind the figure: which limit it is. */
  readonly says: string;
}

/** @param capacity that a run would have */
export function memory(machine: Machine, capacity: Capacity): Finding {
  const what = 'memory';
  const needed = Math.ceil(mostMemory(capacity) / MIB);
  const [least] = [...limits(machine), ...available(machine)].sort((a, b) => a.mib - b.mib);
  if (!least)
    return {
      what,
      status: 'warning',
      found: `up to ${needed} MiB needed; available memory unknown`,
    };
  const found = `up to ${needed} MiB needed, ${Math.floor(least.mib)} MiB available${least.says}`;
  if (least.mib >= needed) return { what, status: 'ok', found };
  const fix = needed > LEAST_MIB ? FIX : 'add memory';
  return { what, status: 'warning', found, fix };
}

function available(machine: Machine): Room[] {
  const kib = /^MemAvailable:\s*(\d+) kB$/m.exec(machine.read('/proc/meminfo') ?? '')?.[1];
  return kib === undefined ? [] : [{ mib: Number(kib) / 1024, says: '' }];
}

/** Of this process's cgroups and of all that they are in. */
function limits(machine: Machine): Room[] {
  const groups = machine.read('/proc/self/cgroup');
  if (groups === undefined) return [];
  return HIERARCHIES.flatMap(({ controllers, mount, file }) =>
    withParents(pathIn(groups, controllers)).flatMap((path) => {
      const limit = Number.parseInt(machine.read(`${mount}${path}/${file}`) ?? '', 10);
      const says = ` (${file} of ${path || '/'})`;
      return Number.isNaN(limit) || limit >= NO_LIMIT ? [] : [{ mib: limit / MIB, says }];
    }),
  );
}

function pathIn(groups: string, controllers: string): string {
  const entry = new RegExp(`^\\d+:${controllers}:(/.*)$`, 'm').exec(groups);
  return entry?.[1] ?? '/';
}

/** /a/b: itself, /a, and the root, which is ''. */
function withParents(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '');
  return Array.from({ length: names.length + 1 }, (_, left) =>
    names
      .slice(0, names.length - left)
      .map((name) => `/${name}`)
      .join(''),
  );
}
