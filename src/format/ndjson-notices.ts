/** pping's own words as JSON; the schema is docs/ndjson.md. */
import type { AttributionGaps } from '../attribution/gaps.js';
import type { Counters } from '../core/counters.js';
import { COUNTERS, UNREADS } from '../core/layouts.js';
import { numberOf, type QuicConnections } from '../core/quic-connections.js';
import type { SelfCost } from '../core/self-cost.js';
import type { Protocol } from '../events/names.js';
import type { GovernorStep } from '../sampling/governor.js';
import type { UnmeasuredHosts } from '../summary/coverage.js';
import type { IntervalFigures } from '../summary/intervals.js';
import { areResendsSeen } from '../summary/resent.js';
import type {
  DnsTotals,
  KindTotals,
  PlaceTotals,
  Reported,
  RunTotals,
  SideTotals,
} from '../summary/run-totals.js';
import { addressText } from '../text/address.js';
import { snakeCase } from '../text/snake-case.js';
import type { Notice } from './formatter.js';
import { distributionFields } from './ndjson-distribution.js';
import { talliesField } from './ndjson-interfaces.js';
import { dnsIntervalFields, dnsTotalsFields } from './ndjson-resolvers.js';
import { seenAtFields } from './seen-at.js';

/** The fields after those that every object has. */
export function noticeFields(
  notice: Extract<Notice, { type: 'governor' | 'interval' | 'dns_interval' | 'summary' }>,
): string {
  if (notice.type === 'governor') return governorFields(notice);
  if (notice.type === 'interval') return intervalFields(notice.length, notice.figures);
  if (notice.type === 'dns_interval') return dnsIntervalFields(notice.length, notice.figures);
  return `"final":${notice.final},${totalsFields(notice.totals)}`;
}

function governorFields({ map, step, entries, maxEntries, settings }: GovernorStep): string {
  return (
    `"map":"${map}","step":"${step}","entries":${entries},"max_entries":${maxEntries}` +
    `,"rate":${settings.rate},"rtt_rate":${Number(settings.rttRate) / 1000}` +
    `,"flow_timeout":${settings.flowTimeout}`
  );
}

/** By the names that the summary has for the same of the whole run. */
function intervalFields(length: bigint, figures: IntervalFigures): string {
  const { side, protocol, peer, place, peers, places, samples, overdue, reported, path, resent } =
    figures;
  return (
    `"interval":${length},"side":"${side}"` +
    protocolField(protocol) +
    (peer ? `,"src_ip":"${addressText(peer.address, peer.ipVersion)}"` : '') +
    `,"samples":${samples},"overdue":${overdue}` +
    (place ? `,${seenAtFields(place.seenAt)}`.slice(0, -1) : '') +
    (peers ? `,"peers":${peers.size}` : '') +
    (places ? `,"places":${places.size}` : '') +
    `,"reported":${reported}` +
    (path ? `,${pathField(path)}` : '') +
    `,"bytes":${resent.bytes}` +
    (areResendsSeen(protocol) ? `,"retransmitted_bytes":${resent.again}` : '')
  );
}

function totalsFields(totals: RunTotals): string {
  const { samples, reported, flows, rtt, occupancy, capacity } = totals;
  return (
    `"samples":${samples},"reported":${reported},"flows":${flows}` +
    (rtt ? `,${distributionFields(rtt, 'rtt_')}` : '') +
    sidesFields(totals) +
    dnsField(totals.dns) +
    quicField(totals.quic) +
    unmeasuredFields(totals.unmeasuredHosts) +
    `,"unanswered":${totals.counters.unanswered},"waiting":${totals.waiting}` +
    `,"flow_entries":${occupancy.flows},"max_flows":${capacity.flows}` +
    `,"timestamp_entries":${occupancy.timestamps},"max_timestamps":${capacity.timestamps}` +
    `,"dropped_lines":${totals.droppedLines},"undecodable":${totals.undecodable}` +
    selfCostFields(totals.selfCost) +
    gapsFields(totals.attributionGaps) +
    talliesField(totals.interfaces) +
    `,"counters":{${counterFields(totals.counters)}}` +
    `,"unread":{${unreadFields(totals.counters)}}`
  );
}

/** Where RTTs may be of several protocols, there is an object of each. */
function sidesFields({ sides, areProtocolsTold }: RunTotals): string {
  if (!areProtocolsTold) return sides.map(sideFields).join('');
  const protocols = [...new Set(sides.map(({ protocol }) => protocol))];
  const objects = protocols.map((protocol) => {
    const own = sides.filter((side) => side.protocol === protocol);
    return `{"protocol":"${protocol}"${own.map(sideFields).join('')}}`;
  });
  return `,"protocols":[${objects.join(',')}]`;
}

/** With a comma before it; none where they are not told apart. */
export function protocolField(protocol: Protocol | undefined): string {
  return protocol === undefined ? '' : `,"protocol":"${protocol}"`;
}

function dnsField(dns: DnsTotals | undefined): string {
  return dns ? `,"dns":{${dnsTotalsFields(dns)}}` : '';
}

/** None where there was no connection. */
function quicField(quic: QuicConnections | undefined): string {
  if (!quic || numberOf(quic) === 0) return '';
  const { none, constant, random, valid } = quic;
  const spin = JSON.stringify({ none, constant, random, valid });
  return `,"quic":{"connections":${numberOf(quic)},"spin":${spin}}`;
}

function sideFields(totals: SideTotals): string {
  const { side, samples, all, path, places } = totals;
  return (
    `,"${side}":{"samples":${samples}${sizeFields(totals)},${reportedFields(all)}` +
    `,${pathField(path)}${answersField(totals)}${placesField(places)}}`
  );
}

/** None where no RTT was told by itself: then the core has counted them, and does not know whose they are. */
function sizeFields({ overdue, peers, owners }: SideTotals): string {
  if (peers.size === 0 && overdue === 0) return '';
  return `,"overdue":${overdue},"peers":${peers.size}${owners ? `,"owners":${owners.size}` : ''}`;
}

/** Likewise, by what. */
function answersField({ answers }: SideTotals): string {
  if (answers.size === 0) return '';
  const each = Array.from(answers, ([answer, rtts]) => `"${answer}":{${reportedFields(rtts)}}`);
  return `,"answers":{${each.join(',')}}`;
}

function placesField(places: readonly PlaceTotals[]): string {
  if (places.length === 0) return '';
  const objects = places.map((place) => `{${seenAtFields(place.seenAt)}${kindFields(place)}}`);
  return `,"places":[${objects.join(',')}]`;
}

function pathField(path: KindTotals): string {
  return `"path":{${kindFields(path)}}`;
}

function kindFields(totals: KindTotals): string {
  return `"answers":"${totals.kind}",${reportedFields(totals)}`;
}

function reportedFields({ reported, rtt }: Reported): string {
  return `"reported":${reported},${distributionFields(rtt, 'rtt_')}`;
}

function unmeasuredFields(hosts: UnmeasuredHosts | undefined): string {
  return hosts ? `,"unmeasured":${JSON.stringify(hosts)}` : '';
}

function selfCostFields(cost: SelfCost | undefined): string {
  if (!cost) return '';
  const { egress, ingress, sockets, readerNs, elapsedNs } = cost;
  const fields = {
    egress_packets: egress.packets,
    egress_ns: egress.ns,
    ingress_packets: ingress.packets,
    ingress_ns: ingress.ns,
    socket_runs: sockets?.runs,
    sockets_ns: sockets?.ns,
    reader_ns: readerNs,
    elapsed_ns: elapsedNs,
  };
  return `,"self_cost":${JSON.stringify(fields)}`;
}

function gapsFields(gaps: AttributionGaps | undefined): string {
  return gaps ? `,"attribution_gaps":${JSON.stringify(gaps)}` : '';
}

function counterFields(counters: Counters): string {
  return COUNTERS.map((name) => `"${snakeCase(name)}":${counters[name]}`).join(',');
}

/** Those that there were any of. */
function unreadFields(counters: Counters): string {
  return UNREADS.filter((name) => counters[name] > 0)
    .map((name) => `"${snakeCase(name)}":${counters[name]}`)
    .join(',');
}
