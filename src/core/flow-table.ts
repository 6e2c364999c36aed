/** How large the table of flows is (bpf/kernel/flow_table.h). */
import { SIZE } from './layouts.js';

const BUCKET_WORDS = 16;
/** There is a word for each flow: where all are taken, a tenth of the flows are displaced; of half as many, hardly one. */
const FLOWS_PER_DISPLACED = 4;
const LEAST_DISPLACED = 64;
const CACHE_LINE_BYTES = 64;
/** Of a free cell's number. */
const NUMBER_BYTES = 4;

/** Of the index, for so many flows: a power of two. */
export function flowBuckets(flows: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(flows / BUCKET_WORDS)));
}

/** The bits of a word that a cell's number + 1 takes: of the other bits there are fewer for a larger table. */
export function cellMask(flows: number): number {
  return 2 ** Math.ceil(Math.log2(flows + 1)) - 1;
}

/** So many find room outside of the index. Of a small table all do. */
export function mostDisplaced(flows: number): number {
  return Math.max(LEAST_DISPLACED, Math.ceil(flows / FLOWS_PER_DISPLACED));
}

/** In bytes, of the object that knows the most: all that the table ever takes, from the start. */
export function flowTableBytes(flows: number): number {
  const cell = SIZE.flowKey + SIZE.flow;
  const cells = flows * (Math.ceil(cell / CACHE_LINE_BYTES) * CACHE_LINE_BYTES + NUMBER_BYTES);
  return cells + flowBuckets(flows) * CACHE_LINE_BYTES;
}
