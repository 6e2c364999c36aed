/** What was measured on one side of the interface, added up. */
import type { AttributionOf } from '../attribution/owner.js';
import { LEAST_DIRECTIONS } from '../core/map-memory.js';
import type { SeenAtOf } from '../events/places.js';
import { ANSWERS, type OverdueEvent, type RttEvent } from '../events/types.js';
import type { AggregateFigures } from './aggregates.js';
import { recordBuckets } from './buckets.js';
import { ByAnswer } from './by-answer.js';
import type { SideKey } from './by-side.js';
import type { Coverage } from './coverage.js';
import { distributionOf } from './distribution.js';
import type { Histogram } from './histogram.js';
import { Owners } from './owners.js';
import { areBothThere } from './path-kind.js';
import { Peers } from './peers.js';
import { Routes } from './routes.js';
import type { PlaceTotals, Reported, SideTotals } from './run-totals.js';
import { BySeenAt } from './seen-at.js';
import { LEAST_WINDOW } from './windowed-least.js';

/** Of peers, of owners, and of resolvers. */
export const MOST_TOLD = 10;

export interface SideTerms {
  /** For a table of owners; undefined where there is to be none. */
  readonly attributionOf?: AttributionOf | undefined;
  /** How far back the least looks that queueing is beyond, in ns; 0: to the start. */
  readonly window?: number;
  /** Where there may be several places; undefined where there is but one. */
  readonly seenAtOf?: SeenAtOf | undefined;
  /** False where hosts of a network are told alike: the least RTT of all of them is no host's route. */
  readonly hasRoutes?: boolean;
  /** As many as the core has room for; undefined: as it has by default. */
  readonly mostFlows?: number | undefined;
}

/** RTTs of one side, and of one protocol where there may be several. */
export class SideRecord {
  readonly rtts = new ByAnswer(undefined, true);
  /** Without a window there is no telling. */
  readonly routes: Routes | undefined;
  readonly peers: Peers;
  readonly owners: Owners | undefined;
  readonly places: BySeenAt | undefined;
  samples = 0;
  overdue = 0;

  constructor(terms: SideTerms) {
    const {
      attributionOf,
      window = LEAST_WINDOW,
      seenAtOf,
      hasRoutes = true,
      mostFlows = 0,
    } = terms;
    const mostDirections = Math.max(2 * mostFlows, LEAST_DIRECTIONS);
    this.routes = hasRoutes && window > 0 ? new Routes(window) : undefined;
    this.peers = new Peers({
      mostDirections,
      window,
      routes: this.routes,
      areFlowsPaired: seenAtOf !== undefined,
    });
    this.owners = attributionOf && new Owners(attributionOf, { mostDirections, window });
    this.places = seenAtOf && new BySeenAt(seenAtOf, this.rtts);
  }

  accept(event: RttEvent): void {
    const { rtt } = event;
    this.samples += event.samples;
    const pairs = this.peers.record(event, rtt);
    // A host's RTTs at two places are no pair: of a connection they are of one.
    this.places?.record(event, rtt, pairs.ofFlow);
    this.rtts.record(rtt, event.answer, pairs.ofGroup);
    this.owners?.record(event, rtt, pairs.ofGroup);
  }

  /** Left out, the longest waits would make the percentiles look better. */
  acceptOverdue(event: OverdueEvent): void {
    this.overdue++;
    this.places?.recordOverdue(event.place, event.waited);
    this.rtts.recordOverdue(event.waited);
  }

  /** What the core has counted. */
  acceptAggregated({ samples, reported, rtt, buckets }: AggregateFigures): void {
    if (!rtt) return;
    const counted = { reported, buckets, least: rtt.min, most: rtt.max };
    this.samples += samples;
    this.rtts.recordCounted((into) => recordBuckets(into, counted));
  }
}

/** As figures, until now. */
export function sideTotals(key: SideKey, record: SideRecord, coverage: Coverage): SideTotals {
  const { samples, overdue, rtts } = record;
  const { all } = rtts;
  const ranking = record.peers.ranking(MOST_TOLD);
  const worst = ranking.worst.map((peer) => ({
    ...peer,
    uncovered: coverage.of(peer, key.protocol),
  }));
  const answers = ANSWERS.filter((answer) => rtts.of(answer).total > 0);
  return {
    ...key,
    samples,
    overdue,
    all: { reported: all.total - overdue, rtt: distributionOf(all) },
    ...kindsOf(rtts),
    places: placesOf(record),
    answers: new Map(answers.map((answer) => [answer, reportedOf(rtts.of(answer))])),
    histogram: rtts.path.histogram,
    peers: { ...ranking, worst },
    owners: record.owners?.ranking(MOST_TOLD),
  };
}

/** Also of one where all is overdue. */
function placesOf({ places }: SideRecord): PlaceTotals[] {
  const told = places?.all() ?? [];
  return told.map(({ seenAt, rtts }) => {
    const { kind, histogram } = rtts.path;
    return { seenAt, kind, ...reportedOf(histogram) };
  });
}

/** Of which RTTs tell the path best. */
export function kindsOf(rtts: ByAnswer): Pick<SideTotals, 'path' | 'beside'> {
  const { kind, histogram } = rtts.path;
  const kernel = reportedOf(rtts.kernel);
  const data = reportedOf(rtts.of('data'));
  const reported = {
    all: kernel.reported + data.reported,
    kernel: kernel.reported,
    data: data.reported,
  };
  const path = { kind, reported: reported[kind], rtt: distributionOf(histogram) };
  if (!areBothThere({ kernel: kernel.reported, data: data.reported })) return { path, beside: [] };
  const both = [
    { kind: 'kernel', ...kernel },
    { kind: 'data', ...data },
  ] as const;
  return { path, beside: both.filter((each) => each.kind !== kind) };
}

function reportedOf(rtts: Histogram): Reported {
  return { reported: rtts.total, rtt: distributionOf(rtts) };
}
