/** The types of objects in NDJSON: the compiler asks for each. */
import type { Event } from '../../../src/events/types.js';
import type { Notice } from '../../../src/format/formatter.js';

/** The notice of all aggregates is a table's; of NDJSON each is an object by itself. */
export type Kind = Event['type'] | Exclude<Notice['type'], 'aggregates'>;

const IS_KIND: Record<Kind, true> = {
  rtt: true,
  overdue: true,
  flow: true,
  dns: true,
  loss: true,
  governor: true,
  visibility: true,
  interface: true,
  route: true,
  interval: true,
  dns_interval: true,
  aggregate: true,
  dns_aggregate: true,
  summary: true,
};

/** In the order of the alphabet. */
export const KINDS = Object.keys(IS_KIND).sort() as readonly Kind[];
