/** By what the rows of the live view can be sorted. */

/** In the order of the columns, with the key of each: the capital, or digit, in its heading. No kind of rows has two of one key. */
const SORT_KEYS = {
  last: 'L',
  least: 'M',
  median: '5',
  p90: '9',
  p99: 'P',
  most: 'X',
  queueing: 'Q',
  resent: 'T',
  overdue: 'O',
  samples: 'S',
  failed: 'F',
  unanswered: 'U',
  queries: 'Q',
  age: 'A',
} as const;
export type Sort = keyof typeof SORT_KEYS;
/** Of what is measured event by event. */
export const SORTS: readonly Sort[] = [
  ...(['last', 'least', 'median', 'p99', 'queueing', 'resent', 'samples', 'age'] as const),
];
/** Of what is counted in the kernel. */
export const AGGREGATE_SORTS: readonly Sort[] = [
  ...(['least', 'median', 'p90', 'p99', 'most', 'resent', 'overdue', 'samples'] as const),
];

/** Of resolvers. */
export const RESOLVER_SORTS: readonly Sort[] = [
  ...(['last', 'least', 'median', 'p99', 'failed', 'unanswered', 'queries', 'age'] as const),
];

/** Of DNS, where it is counted in the kernel. */
export const DNS_AGGREGATE_SORTS: readonly Sort[] = [
  ...(['least', 'median', 'p90', 'p99', 'most', 'resent'] as const),
  ...(['failed', 'unanswered', 'queries'] as const),
];

/** The key that sorts by a column. */
export function sortKeyOf(sort: Sort): string {
  return SORT_KEYS[sort];
}
