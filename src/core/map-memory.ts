/** What a run can take at most: of the kernel's memory for its maps, and by itself. */
import type { Capacity } from '../sampling/policy.js';
import { flowTableBytes, mostDisplaced } from './flow-table.js';
import { SIZE } from './layouts.js';

const COOKIE_BYTES = 8;
const CELL_NUMBER_BYTES = 4;

/** Bytes of each map's key and value, of the object that knows the most: bpf/tc_pping.c with all that it can tell. */
export const MAP_ENTRY = {
  displacedFlows: { key: SIZE.flowKey, value: CELL_NUMBER_BYTES },
  timestamps: { key: SIZE.timestampKey, value: SIZE.timestamp },
  losses: { key: COOKIE_BYTES, value: SIZE.flowLosses },
} as const;

const MIB = 1 << 20;
/** struct htab_elem in front of key and value, struct llist_node where it is free (kernel/bpf/hashtab.c, memalloc.c). */
const ELEMENT_BYTES = 48 + 8;
/** struct bucket; as many as there are entries, up to the next power of two. */
const BUCKET_BYTES = 16;
const WORD_BYTES = 8;
/** What the kernel gives memory out in (kmalloc). */
const SIZES = [96, 128, 192, 256, 512, 1024, 2048, 4096];
/** The ring buffers, and the maps whose size is fixed: handshakes under way, sockets as they open, places, counters. */
const FIXED_BYTES = (9 + 4 + 3) * MIB;
/** What is resident, but for what waits for an output that fails (docs/performance.md). */
const READER_BYTES = 80 * MIB;
/** Of each direction with RTTs, for the summary, where these are all of one side and protocol (summary/groups.ts) ... */
const DIRECTION_BYTES = 61;
/** ... and with small maps, too, of so many. */
export const LEAST_DIRECTIONS = 131_072;

/** In bytes, with full maps. */
export function mostMemory({ flows, timestamps }: Capacity): number {
  const displaced = mapBytes(mostDisplaced(flows), MAP_ENTRY.displacedFlows);
  const ofFlows = flowTableBytes(flows) + displaced + mapBytes(flows, MAP_ENTRY.losses);
  const maps = ofFlows + mapBytes(timestamps, MAP_ENTRY.timestamps);
  return (
    maps + FIXED_BYTES + READER_BYTES + Math.max(2 * flows, LEAST_DIRECTIONS) * DIRECTION_BYTES
  );
}

/** Of one map that is full. */
export function mapBytes(entries: number, entry: { key: number; value: number }): number {
  const taken = ELEMENT_BYTES + padded(entry.key) + padded(entry.value);
  const size = SIZES.find((each) => each >= taken) ?? taken;
  return entries * size + 2 ** Math.ceil(Math.log2(entries)) * BUCKET_BYTES;
}

function padded(bytes: number): number {
  return Math.ceil(bytes / WORD_BYTES) * WORD_BYTES;
}
