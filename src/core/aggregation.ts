/** What is counted of RTTs, where the core reads it: a constant of the programs, or the memory of a replay. */
import { type AggregatedBy, type Aggregation, isAggregated } from '../sampling/aggregation.js';
import { MAPPED_BITS } from '../sampling/prefix.js';
import { LITTLE } from './endianness.js';
import { type GlobalVariables, viewOf } from './global-variables.js';
import { AGGREGATE_BY, AGGREGATION } from './layouts.js';
import { writeMask } from './prefix.js';

const CODES: Record<AggregatedBy, number> = {
  none: AGGREGATE_BY.bySide,
  interface: AGGREGATE_BY.byInterface,
  prefix: AGGREGATE_BY.byPrefix,
  owner: AGGREGATE_BY.byOwner,
};

/** Before the programs are loaded, or a replay begins. */
export function writeAggregation(map: GlobalVariables, aggregation: Aggregation): void {
  const { by, bitsV4, bitsV6, events } = aggregation;
  const view = viewOf(map);
  const code = isAggregated(aggregation) ? CODES[by] : AGGREGATE_BY.not;
  view.setUint32(AGGREGATION.by, code, LITTLE);
  view.setUint32(AGGREGATION.events, events ? 1 : 0, LITTLE);
  writeMask(view, AGGREGATION.maskV4, MAPPED_BITS + bitsV4);
  writeMask(view, AGGREGATION.maskV6, bitsV6);
}
