/** The maps of the table of flows (bpf/kernel/flow_table.h). */
import { flowBuckets, mostDisplaced } from '../core/flow-table.js';
import type { BpfObject } from '../libbpf/object.js';

const CELLS = 'flows';
const NEXT_FREE = 'next_free';
const INDEX = 'flow_index';
const DISPLACED = 'displaced_flows';
/** All of them but for the displaced, whose memory is taken as it is needed. */
export const FLOW_MAPS = [CELLS, NEXT_FREE, INDEX] as const;

/** Before load(). */
export function sizeFlowTable(object: BpfObject, flows: number): void {
  object.map(CELLS).maxEntries = flows;
  object.map(NEXT_FREE).maxEntries = flows;
  object.map(INDEX).maxEntries = flowBuckets(flows);
  object.map(DISPLACED).maxEntries = mostDisplaced(flows);
}
