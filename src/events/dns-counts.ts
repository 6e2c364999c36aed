/** Bytes -> what the core has counted of the queries of an aggregate, besides their response times. */
import { LITTLE } from '../core/endianness.js';
import { DNS_COUNTS, DNS_RCODES } from '../core/layouts.js';
import { rcodeName } from './dns-message.js';

/** Of one interval. */
export interface DnsCounts {
  /** Queries that were answered, but sent again: without a response time. */
  readonly ambiguous: number;
  /** Responses that had no room for all. */
  readonly truncated: number;
  /** Responses by their code, those that there are any of. */
  readonly rcodes: ReadonlyMap<string, number>;
}

/** Stands for the codes that are not told apart. */
export const OTHER_RCODES = 'other';

const { counted: COUNTED, other: OTHER } = DNS_RCODES;
/** Those that are told apart, in the order of their codes. */
const NAMES = Array.from({ length: COUNTED }, (_, code) => rcodeName(code));
const NOERROR = rcodeName(0);
const SLOT_BYTES = 4;

/**
 * Reads struct dns_counts.
 * @param responses all of them: what has none of the other codes is NOERROR
 */
export function readDnsCounts(view: DataView, at: number, responses: number): DnsCounts {
  const count = (field: number) => view.getUint32(at + field, LITTLE);
  const slot = (index: number) => count(DNS_COUNTS.rcodes + index * SLOT_BYTES);
  const failed = NAMES.map((name, code) => [name, slot(code)] as const).slice(1);
  const told = [...failed, [OTHER_RCODES, slot(OTHER)] as const];
  const noError = told.reduce((left, [, number]) => left - number, responses);
  const all = [[NOERROR, noError] as const, ...told];
  return {
    ambiguous: count(DNS_COUNTS.ambiguous),
    truncated: count(DNS_COUNTS.truncated),
    rcodes: new Map(all.filter(([, number]) => number > 0)),
  };
}
