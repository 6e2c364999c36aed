/** What pping writes, a report understands: an object of each type that there is. */
import { expect, test } from '@jest/globals';
import type { Event } from '../../src/events/types.js';
import { Chunk } from '../../src/format/chunk.js';
import { Clock } from '../../src/format/clock.js';
import type { Notice } from '../../src/format/formatter.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { Collector } from '../../src/report/collector.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { type AggregateFigures, Aggregates } from '../../src/summary/aggregates.js';
import { DnsRecord } from '../../src/summary/dns.js';
import { type DnsAggregateFigures, DnsAggregates } from '../../src/summary/dns-aggregates.js';
import { Resent } from '../../src/summary/resent.js';
import { aggregateOf, dnsAggregateOf } from '../helpers/events/aggregates.js';
import {
  dnsEvent,
  flowEvent,
  governorNotice,
  ipv4,
  lossEvent,
  overdueEvent,
  rttEvent,
  runTotals,
} from '../helpers/events/events.js';
import { KINDS, type Kind } from '../helpers/events/kinds.js';

const AT = { timestamp: 2_000_000_000n };
const TIMES = { ...AT, length: 1_000_000_000n };
const EVENTS: readonly Event[] = [
  ...[rttEvent(), overdueEvent(), flowEvent(), dnsEvent(), lossEvent()],
];
const NOTICES: readonly Notice[] = [
  governorNotice(),
  {
    ...{ type: 'visibility', ...AT },
    sighting: { change: 'moved', hook: 'ingress', predecessors: [], interface: 'eth0' },
  },
  { type: 'interface', ...AT, change: { change: 'attached', interface: 'eth0' } },
  {
    ...{ type: 'route', ...AT },
    change: {
      ...{ ...AT, address: ipv4('192.0.2.1'), ipVersion: 4, place: 0, side: 'beyond' },
      ...{ before: 10, after: 60, since: 1_500_000_000 },
    },
  },
  {
    ...{ type: 'interval', ...TIMES },
    figures: {
      ...{ side: 'beyond', protocol: undefined, samples: 0, reported: 0, overdue: 0 },
      ...{ path: undefined, resent: new Resent() },
    },
  },
  { type: 'dns_interval', ...TIMES, figures: { side: 'beyond', ...new DnsRecord().figures() } },
  { type: 'aggregate', ...TIMES, figures: aggregateFigures() },
  { type: 'dns_aggregate', ...TIMES, figures: dnsAggregateFigures() },
  { type: 'summary', ...AT, final: true, totals: runTotals() },
];

test.each(KINDS)('%s', (kind) => {
  const collector = new Collector();
  const line = lineOf(kind);
  expect(JSON.parse(line).type).toBe(kind);
  collector.take(line);
  expect([collector.lines, collector.recorded]).toEqual([1, 1]);
});

function lineOf(kind: Kind): string {
  const formatter = new NdjsonFormatter(new Clock(1_000_000_000n), undefined);
  const chunk = new Chunk();
  for (const event of EVENTS) if (event.type === kind) formatter.format(event, chunk);
  for (const notice of NOTICES) if (notice.type === kind) formatter.notice(notice, chunk);
  return Buffer.from(chunk.take().bytes).toString();
}

function aggregateFigures() {
  const [side] = new Aggregates(NO_AGGREGATION, 'beyond').take([aggregateOf()]);
  return side?.parts[0] as AggregateFigures;
}

function dnsAggregateFigures() {
  const [side] = new DnsAggregates(NO_AGGREGATION, 'beyond').take([dnsAggregateOf()]);
  return side?.parts[0] as DnsAggregateFigures;
}
