/** RTTs that were counted together in an interval; the schema is docs/ndjson.md. */
import { labelWithUser } from '../attribution/label.js';
import type { Owner } from '../attribution/owner.js';
import { type Buckets, type Counted, indexFrom } from './buckets.js';
import { type Fields, isWhole, nameIn, protocolIn } from './fields.js';
import type { Timed } from './records.js';
import type { SideIndex } from './run-facts.js';

export interface AggregateRecord extends Timed {
  readonly type: 'aggregate';
  /** Of the interval, which ended at its time; ns. */
  readonly length: number;
  /** In SIDES. */
  readonly side: SideIndex;
  readonly protocol: string;
  /** The network; undefined where they were not told apart by that. */
  readonly prefix: string | undefined;
  /** Whose connections they are, in words; undefined where they were not told apart by that. */
  readonly owner: string | undefined;
  /** Whether these are those for which there was no room. */
  readonly isOthers: boolean;
  readonly counted: Counted;
}

const SIDE_INDICES = new Map<unknown, SideIndex>([
  ['beyond', 0],
  ['behind', 1],
  ['unknown', 2],
]);

/** @returns undefined where it is none of pping's */
export function aggregateOf(fields: Fields, timed: Timed): AggregateRecord | undefined {
  const { interval: length, others } = fields;
  const side = SIDE_INDICES.get(fields.side);
  const counted = countedOf(fields);
  if (!isWhole(length) || length > timed.time || side === undefined || !counted) return undefined;
  const told = { prefix: nameIn(fields.prefix), owner: ownerIn(fields), isOthers: others === true };
  const protocol = protocolIn(fields);
  return { type: 'aggregate', ...timed, length, side, protocol, ...told, counted };
}

/** In the words of the table of aggregates. */
function ownerIn(fields: Fields): string | undefined {
  switch (fields.owner) {
    case undefined:
      return undefined;
    case 'absent':
      return labelWithUser({});
    case 'known':
      return labelWithUser({ owner: knownIn(fields) });
    default:
      return labelWithUser(undefined);
  }
}

function knownIn(fields: Fields): Owner {
  const { cgroup, unit, container, pod, uid } = fields;
  return {
    cgroup: nameIn(cgroup),
    unit: nameIn(unit),
    container: nameIn(container),
    containerName: nameIn(fields.container_name),
    pod: nameIn(pod),
    podName: nameIn(fields.pod_name),
    namespace: nameIn(fields.namespace),
    uid: isWhole(uid) ? uid : undefined,
  };
}

function countedOf(fields: Fields): Counted | undefined {
  const { samples, reported, overdue, rtt_min: least = 0, rtt_max: most = 0 } = fields;
  if (!isWhole(samples) || !isWhole(reported) || !isWhole(overdue)) return undefined;
  if (!isWhole(least) || !isWhole(most) || least > most) return undefined;
  const buckets = bucketsOf(fields.buckets, reported);
  return buckets && { samples, reported, overdue, least, most, buckets };
}

/** They have to be those of pping, and to add up. */
function bucketsOf(pairs: unknown, reported: number): Buckets | undefined {
  if (!Array.isArray(pairs)) return undefined;
  const buckets: number[] = [];
  let [before, left] = [-1, reported];
  for (const pair of pairs as unknown[]) {
    const [start, count] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const index = isWhole(start) ? indexFrom(start) : undefined;
    if (index === undefined || index <= before || !isWhole(count)) return undefined;
    buckets.push(index, count);
    before = index;
    left -= count;
  }
  return left === 0 ? buckets : undefined;
}
