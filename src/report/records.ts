/** One line of NDJSON, as far as a report wants to know it; the schema is docs/ndjson.md. */
import { type AggregateRecord, aggregateOf } from './aggregate-record.js';
import { type Fields, fieldsIn, isWhole, nameIn, protocolIn, wholeIn } from './fields.js';
import type { LossFacts, SeenAt, SideIndex } from './run-facts.js';

/** All times in ns since the epoch; JSON.parse rounds them to 256 ns, which a chart does not show. */
export interface Timed extends SeenAt {
  readonly time: number;
}

export interface RttRecord extends Timed {
  readonly type: 'rtt';
  readonly flowId: number;
  /** The responder, whose RTT this is. */
  readonly peer: string;
  readonly rtt: number;
  /** In SIDES. */
  readonly side: SideIndex;
  readonly protocol: string;
  readonly handshake: boolean;
  /** Answered with data; false where a run from before 0.2 does not say. */
  readonly data: boolean;
  readonly samples: number;
}

export interface FlowRecord extends Timed {
  readonly type: 'flow';
  readonly flowId: number;
  readonly isOpening: boolean;
}

export interface LossRecord extends Timed {
  readonly type: 'loss';
  readonly lostRtts: number;
  readonly lostFlowEvents: number;
}

export interface GovernorRecord extends Timed {
  readonly type: 'governor';
  readonly map: 'timestamps' | 'flows';
  readonly step: 'up' | 'down';
  readonly entries: number;
  readonly maxEntries: number;
  readonly rate: number;
  readonly flowTimeout: number;
}

/** Who or what kept packets from pping. */
export interface VisibilityRecord extends Timed {
  readonly type: 'visibility';
  readonly change: (typeof VISIBILITY_CHANGES)[number];
  readonly hook: 'egress' | 'ingress';
  /** Of programs and filters; those that have no name by their ids. */
  readonly names: readonly string[];
}

/** The least RTT of a host has become another. */
export interface RouteRecord extends Timed {
  readonly type: 'route';
  readonly peer: string;
  /** Undefined where all is TCP. */
  readonly protocol: string | undefined;
  readonly before: number;
  readonly after: number;
  /** Since when; as `time`. */
  readonly since: number;
}

export interface QuicCounts {
  readonly connections: number;
  /** Those whose spin bit is known to tell RTTs. */
  readonly valid: number;
}

export interface SummaryRecord extends Timed {
  readonly type: 'summary';
  readonly isFinal: boolean;
  /** Until then. */
  readonly samples: number;
  readonly lost: LossFacts;
  /** Within a run none of them ever gets less. */
  readonly counts: readonly number[];
  /** Undefined where there was none. */
  readonly quic: QuicCounts | undefined;
}

/** Not in the pictures, which show what was answered. */
export interface OverdueRecord extends Timed {
  readonly type: 'overdue';
}

/** An interface has come, gone, or another name. In none of the pictures. */
export interface InterfaceRecord extends Timed {
  readonly type: 'interface';
}

/** A query of DNS that is over: in none of the pictures, which are of RTTs. */
export interface DnsRecord extends Timed {
  readonly type: 'dns';
  /** The resolver. */
  readonly peer: string;
  readonly port: number;
  /** In SIDES. */
  readonly side: SideIndex;
  /** Undefined where nothing has answered. */
  readonly responseTime: number | undefined;
  readonly rcode: string | undefined;
}

/** Not in the pictures, which are made of single RTTs. */
export interface IntervalRecord extends Timed {
  readonly type: 'interval';
  readonly isDnsAggregate?: boolean;
}

export type RunRecord =
  | RttRecord
  | FlowRecord
  | LossRecord
  | GovernorRecord
  | VisibilityRecord
  | RouteRecord
  | OverdueRecord
  | InterfaceRecord
  | DnsRecord
  | IntervalRecord
  | AggregateRecord
  | SummaryRecord;

/** @returns undefined where the line is not JSON, or none of pping's */
export function parseRecord(line: string): RunRecord | undefined {
  const fields = parseFields(line);
  if (!fields) return undefined;
  const { timestamp } = fields;
  if (typeof timestamp !== 'number' || !(timestamp >= 0 && timestamp < LAST_TIME)) return undefined;
  const timed = {
    time: timestamp,
    interface: interfaceIn(fields),
    capture: nameIn(fields.capture),
  };
  return PARSERS.get(fields.type)?.(fields, timed);
}

const VISIBILITY_CHANGES = ['moved', 'preceded', 'hidden'] as const;

/** What the date of a page can show: the year 9999. */
const LAST_TIME = 253_402_300_800e9;

const PARSERS = new Map<unknown, (fields: Fields, timed: Timed) => RunRecord | undefined>([
  ['rtt', rttOf],
  ['flow', flowOf],
  ['loss', lossOf],
  ['governor', governorOf],
  ['visibility', visibilityOf],
  ['route', routeOf],
  ['overdue', (_, timed) => ({ type: 'overdue', ...timed })],
  ['interface', (_, timed) => ({ type: 'interface', ...timed })],
  ['dns', dnsOf],
  ['dns_aggregate', (_, timed) => ({ type: 'interval', ...timed, isDnsAggregate: true })],
  ['interval', (_, timed) => ({ type: 'interval', ...timed })],
  ['dns_interval', (_, timed) => ({ type: 'interval', ...timed })],
  ['aggregate', aggregateOf],
  ['summary', summaryOf],
]);

/** With its network namespace, where that is told: web/eth0. */
function interfaceIn(fields: Fields): string | undefined {
  const name = nameIn(fields.interface);
  const netns = nameIn(fields.netns);
  return name === undefined || netns === undefined ? name : `${netns}/${name}`;
}

function parseFields(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function rttOf(fields: Fields, timed: Timed): RttRecord | undefined {
  const { rtt, src_ip: peer, flow_id: flowId, samples = 1, match_on_egress: onEgress } = fields;
  if (!isWhole(rtt) || !isWhole(flowId) || !isWhole(samples)) return undefined;
  if (typeof peer !== 'string') return undefined;
  const side = sideOf(onEgress);
  const handshake = fields.handshake === true;
  const data = fields.answer === 'data';
  const protocol = protocolIn(fields);
  return { type: 'rtt', ...timed, flowId, peer, rtt, side, protocol, handshake, data, samples };
}

/** @param onEgress where the answer was seen */
function sideOf(onEgress: unknown): SideIndex {
  return onEgress === false ? 0 : onEgress === true ? 1 : 2;
}

function dnsOf(fields: Fields, timed: Timed): DnsRecord | undefined {
  const { src_ip: peer, src_port: port, response_time: time, match_on_egress: onEgress } = fields;
  if (typeof peer !== 'string' || !isWhole(port)) return undefined;
  if (!isWhole(time) && !isWhole(fields.waited)) return undefined;
  const responseTime = isWhole(time) ? time : undefined;
  const rcode = responseTime === undefined ? undefined : nameIn(fields.rcode);
  return { type: 'dns', ...timed, peer, port, side: sideOf(onEgress), responseTime, rcode };
}

function flowOf(fields: Fields, timed: Timed): FlowRecord | undefined {
  const { flow_id: flowId, flow_event: event } = fields;
  if (!isWhole(flowId)) return undefined;
  return { type: 'flow', ...timed, flowId, isOpening: event === 'opening' };
}

function lossOf(fields: Fields, timed: Timed): LossRecord | undefined {
  const { lost_rtts: lostRtts, lost_flow_events: lostFlowEvents } = fields;
  if (!isWhole(lostRtts) || !isWhole(lostFlowEvents)) return undefined;
  return { type: 'loss', ...timed, lostRtts, lostFlowEvents };
}

function governorOf(fields: Fields, timed: Timed): GovernorRecord | undefined {
  const { map, step, entries, max_entries: maxEntries, rate, flow_timeout: flowTimeout } = fields;
  if (map !== 'timestamps' && map !== 'flows') return undefined;
  if (step !== 'up' && step !== 'down') return undefined;
  if (!isWhole(entries) || !isWhole(maxEntries)) return undefined;
  if (!isDuration(rate) || !isDuration(flowTimeout)) return undefined;
  return { type: 'governor', ...timed, map, step, entries, maxEntries, rate, flowTimeout };
}

function visibilityOf(fields: Fields, timed: Timed): VisibilityRecord | undefined {
  const { hook, programs } = fields;
  const change = VISIBILITY_CHANGES.find((each) => each === fields.change);
  if (!change || (hook !== 'egress' && hook !== 'ingress')) return undefined;
  if (!Array.isArray(programs)) return undefined;
  const names = programs.map((program: Fields | null) => String(program?.name ?? program?.id));
  return { type: 'visibility', ...timed, change, hook, names };
}

function routeOf(fields: Fields, timed: Timed): RouteRecord | undefined {
  const { src_ip: peer, former_min_rtt: before, min_rtt: after, since } = fields;
  if (typeof peer !== 'string' || !isWhole(before) || !isWhole(after)) return undefined;
  if (typeof since !== 'number' || !(since >= 0 && since <= timed.time)) return undefined;
  const protocol = nameIn(fields.protocol);
  return { type: 'route', ...timed, peer, protocol, before, after, since };
}

function summaryOf(fields: Fields, timed: Timed): SummaryRecord {
  const counters = fieldsIn(fields.counters);
  const { egress, ingress, bytes } = counters;
  const samples = wholeIn(fields.samples);
  const lines = wholeIn(fields.dropped_lines);
  const isFinal = fields.final === true;
  const lost = {
    rtts: wholeIn(counters.rtt_events_lost),
    flowEvents: wholeIn(counters.flow_events_lost),
    lines,
  };
  const counts = [samples, fields.reported, lines, egress, ingress, bytes].map(wholeIn);
  return { type: 'summary', ...timed, isFinal, samples, lost, counts, quic: quicIn(fields.quic) };
}

function quicIn(value: unknown): QuicCounts | undefined {
  const { connections, spin } = fieldsIn(value);
  const { valid } = fieldsIn(spin);
  return isWhole(connections) && isWhole(valid) ? { connections, valid } : undefined;
}

/** A setting may be a century: JSON.parse has rounded it then. */
function isDuration(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 63;
}
