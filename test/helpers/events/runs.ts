/** NDJSON as pping writes it, of a known content. */

/** 2026-11-20 00:00:00 UTC. */
export const RUN_START_S = 1_795_132_800;

export interface RttFields {
  /** Since the start. */
  readonly atMs: number;
  /** ns. */
  readonly rtt: number;
  readonly peer?: string;
  readonly flow?: number;
  /** Undefined: absent. */
  readonly onEgress?: boolean | undefined;
  readonly handshake?: boolean;
  readonly answer?: string;
  readonly samples?: number;
  readonly protocol?: string;
  /** Where it was seen: at eth0 unless it says otherwise. */
  readonly at?: { readonly interface?: string; readonly capture?: string };
}

/** With all of its 19 digits, which a number does not have. */
export function timeAt(ms: number): string {
  const ns = BigInt(RUN_START_S) * 1_000_000_000n + BigInt(Math.round(ms * 1000)) * 1000n;
  return String(ns);
}

export function rttLine({ atMs, rtt, ...rest }: RttFields): string {
  const { peer = '10.0.0.1', flow = 1, onEgress, answer, handshake = false, samples = 1 } = rest;
  const { protocol = 'TCP' } = rest;
  const { at: { interface: name, capture } = { interface: 'eth0' } } = rest;
  return (
    `{"type":"rtt","timestamp":${timeAt(atMs)},` +
    (name === undefined ? '' : `"interface":${JSON.stringify(name)},`) +
    `"flow_id":${flow}` +
    `,"src_ip":${JSON.stringify(peer)},"src_port":443,"dest_ip":"10.0.0.250","dest_port":50000` +
    `,"protocol":${JSON.stringify(protocol)}${capture === undefined ? '' : `,"capture":${JSON.stringify(capture)}`},"rtt":${rtt},"min_rtt":${rtt},"srtt":${rtt},"rttvar":0,"sent_packets":1` +
    `,"sent_bytes":0,"rec_packets":1,"rec_bytes":0` +
    (onEgress === undefined ? '' : `,"match_on_egress":${onEgress}`) +
    (answer === undefined ? '' : `,"answer":"${answer}"`) +
    (handshake ? ',"handshake":true' : '') +
    (samples > 1 ? `,"samples":${samples},"interval_min_rtt":${rtt}` : '') +
    '}\n'
  );
}

export interface DnsFields {
  readonly atMs: number;
  /** ns; undefined: nothing has answered. */
  readonly time?: number | undefined;
  readonly rcode?: string;
  readonly peer?: string;
  readonly port?: number;
  readonly onEgress?: boolean;
}

export function dnsLine({ atMs, rcode = 'NOERROR', ...rest }: DnsFields): string {
  const { peer = '10.0.0.53', port = 53, onEgress = false } = rest;
  const time = 'time' in rest ? rest.time : 20;
  const what = time === undefined ? { waited: 10_000_000_000 } : { response_time: time, rcode };
  const ends = { src_ip: peer, src_port: port, dest_ip: '10.0.0.250', dest_port: 50_000 };
  const fields = { ...ends, protocol: 'DNS', query_id: 7, ...what };
  return otherLine('dns', atMs, { ...fields, match_on_egress: onEgress });
}

export function openingLine(atMs: number, flow: number): string {
  return otherLine('flow', atMs, { flow_id: flow, flow_event: 'opening', reason: 'SYN-ACK' });
}

export function lossLine(atMs: number, lostRtts: number, lostFlowEvents = 0): string {
  return otherLine('loss', atMs, { lost_rtts: lostRtts, lost_flow_events: lostFlowEvents });
}

export function governorLine(atMs: number): string {
  return otherLine('governor', atMs, {
    map: 'timestamps',
    step: 'up',
    entries: 983,
    max_entries: 1000,
    rate: 200_000_000,
    rtt_rate: 0,
    flow_timeout: 300_000_000_000,
  });
}

export function visibilityLine(atMs: number, change: string, programs: readonly object[]): string {
  return otherLine('visibility', atMs, { change, hook: 'ingress', programs });
}

export function routeLine(atMs: number, sinceMs: number): string {
  const fields = { src_ip: '10.0.0.1', former_min_rtt: 10_000_000, min_rtt: 60_000_000 };
  const since = Number(timeAt(sinceMs));
  return otherLine('route', atMs, { ...fields, since, match_on_egress: false });
}

export function summaryLine(atMs: number, final = true, droppedLines = 0): string {
  return otherLine('summary', atMs, { final, samples: 1, dropped_lines: droppedLines });
}

export function intervalLine(atMs: number): string {
  return otherLine('interval', atMs, { interval: 1e9, side: 'beyond', samples: 3 });
}

export interface AggregateFields {
  /** When the interval ended, since the start. */
  readonly atMs: number;
  readonly lengthMs?: number;
  readonly side?: string;
  /** Undefined: absent, as where all is TCP. */
  readonly protocol?: string | undefined;
  readonly prefix?: string;
  readonly others?: boolean;
  /** How many RTTs from that many ns on: of buckets of pping. */
  readonly buckets: readonly (readonly [from: number, count: number])[];
  readonly samples?: number;
  readonly overdue?: number;
  readonly at?: { readonly interface?: string; readonly capture?: string };
}

/** The least is where the first bucket begins, the most is in the last one. */
export function aggregateLine({ atMs, buckets, ...rest }: AggregateFields): string {
  const { lengthMs = 10_000, side = 'beyond', protocol, prefix, others, overdue = 0 } = rest;
  const { at = { interface: 'eth0' } } = rest;
  const reported = buckets.reduce((sum, [, count]) => sum + count, 0);
  const rtts = { rtt_min: buckets[0]?.[0], rtt_max: (buckets.at(-1)?.[0] ?? 0) + 1 };
  const fields = {
    ...{ ...at, interval: lengthMs * 1e6, side, protocol, prefix, others },
    ...{ samples: rest.samples ?? reported, reported, overdue },
    ...(reported > 0 ? rtts : {}),
    buckets,
  };
  return `{"type":"aggregate","timestamp":${timeAt(atMs)},${JSON.stringify(fields).slice(1)}\n`;
}

function otherLine(type: string, atMs: number, fields: object): string {
  const rest = JSON.stringify(fields).slice(1);
  return `{"type":"${type}","timestamp":${timeAt(atMs)},"interface":"eth0",${rest}\n`;
}
