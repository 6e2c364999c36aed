// The monitor's lines, each looked at once and then forgotten: what they say in sum, and what is wrong.
import type { DatagramLedger, DatagramLine } from './datagram-ledger.js';
import type { FlowLine, OwnerLedger } from './owner-ledger.js';

/** Of the summary object, as much as is looked at (docs/ndjson.md). */
export interface Summary {
  readonly timestamp: number;
  readonly final: boolean;
  readonly samples: number;
  readonly reported: number;
  readonly flows: number;
  readonly rtt_p50?: number;
  readonly rtt_p99?: number;
  /** In place of these, where several are measured. */
  readonly protocols?: readonly ProtocolSummary[];
  readonly quic?: { readonly spin: Readonly<Record<string, number>> };
  readonly unanswered: number;
  readonly waiting: number;
  readonly flow_entries: number;
  readonly timestamp_entries: number;
  readonly dropped_lines: number;
  readonly undecodable: number;
  readonly counters: Readonly<Record<string, number>>;
  /** Flows whose owner is not told, by why; with --who. */
  readonly attribution_gaps?: Readonly<Record<string, number>>;
}

export interface ProtocolSummary {
  readonly protocol: string;
  readonly beyond?: Percentiles;
  readonly behind?: Percentiles;
}

interface Percentiles {
  readonly rtt_p50: number;
  readonly rtt_p99: number;
}

/** What judges lines besides, where there is something to judge. */
export interface Judges {
  /** Of what is told of owners. */
  readonly owners?: OwnerLedger | undefined;
  /** Of what is not TCP. */
  readonly datagrams?: DatagramLedger | undefined;
}

/** So many of what is wrong are kept to be shown. */
const SHOWN = 3;

interface Line {
  readonly type: string;
  readonly [field: string]: unknown;
}

export class Ledger {
  lines = 0;
  rtts = 0;
  /** Those that the RTTs stand for. */
  samples = 0;
  openings = 0;
  closings = 0;
  /** Opened or closed twice, or closed without having been opened. */
  disordered = 0;
  /** Of the governor, up. */
  stepsUp = 0;
  /** Of DNS, that are over. */
  queries = 0;
  /** Changes of routes. */
  routes = 0;
  /** Data that nothing had acknowledged. */
  overdue = 0;
  lostRtts = 0;
  lostFlowEvents = 0;
  greatestRtt = 0;
  /** Last lines of outputs that could not be written to their end; each counts as dropped. */
  cutOff = 0;
  /** Other names of the interface. */
  interfaceChanges = 0;
  /** Others in front of it, and its way to the front. */
  visibilityChanges = 0;
  /** No whole JSON object; the first of them. */
  broken = 0;
  readonly brokenLines: string[] = [];
  implausible = 0;
  readonly implausibleLines: string[] = [];
  /** The latest. */
  last: Summary | undefined;
  readonly #greatestPlausible: number;
  readonly #judges: Judges;
  readonly #open = new Set<number>();

  /** @param greatestPlausible RTT, in nanoseconds */
  constructor(greatestPlausible: number, judges: Judges = {}) {
    this.#greatestPlausible = greatestPlausible;
    this.#judges = judges;
  }

  /** @param text a line without its end */
  take(text: string): void {
    this.lines++;
    const line = parse(text);
    if (line) this.#judge(line, text);
    if (line?.type === 'rtt') this.#takeRtt(line, text);
    else if (line?.type === 'flow') this.#takeFlow(line);
    else if (line?.type === 'governor') this.stepsUp += line.step === 'up' ? 1 : 0;
    else if (line?.type === 'overdue') this.overdue++;
    else if (line?.type === 'route') this.routes++;
    else if (line?.type === 'interface') this.interfaceChanges++;
    else if (line?.type === 'visibility') this.visibilityChanges++;
    else if (line?.type === 'dns') this.queries++;
    else if (line?.type === 'loss') this.#takeLoss(line);
    else if (line?.type === 'summary') this.#takeSummary(line as unknown as Summary);
    else this.#takeBroken(text);
  }

  #judge(line: Line, text: string): void {
    const { owners, datagrams } = this.#judges;
    const isOfSomebody = line.flow_id !== undefined || line.type === 'dns';
    if (isOfSomebody) owners?.take(line as unknown as FlowLine, text);
    datagrams?.take(line as unknown as DatagramLine, text);
  }

  #takeBroken(text: string): void {
    this.broken++;
    if (this.brokenLines.length < SHOWN) this.brokenLines.push(text);
  }

  /** Of an output that was replaced, old ones may come late. */
  #takeSummary(summary: Summary): void {
    if (!this.last || summary.timestamp >= this.last.timestamp) this.last = summary;
  }

  #takeRtt({ rtt, min_rtt: least, srtt, samples = 1 }: Line, text: string): void {
    this.rtts++;
    this.samples += Number(samples);
    this.greatestRtt = Math.max(this.greatestRtt, Number(rtt));
    const values = [least, rtt, srtt].map(Number);
    const isPlausible =
      values.every((value) => value > 0 && value <= this.#greatestPlausible) &&
      Number(rtt) >= Number(least);
    if (isPlausible) return;
    this.implausible++;
    if (this.implausibleLines.length < SHOWN) this.implausibleLines.push(text);
  }

  #takeFlow({ flow_event: event, flow_id: flow }: Line): void {
    // Neither: of what never opened, or is closed already.
    if (event === 'unmeasured') return;
    const isOpen = this.#open.has(Number(flow));
    if (event === 'opening') {
      this.openings++;
      this.#open.add(Number(flow));
    } else {
      this.closings++;
      this.#open.delete(Number(flow));
    }
    if (isOpen === (event === 'opening')) this.disordered++;
  }

  #takeLoss({ lost_rtts: rtts, lost_flow_events: flowEvents }: Line): void {
    this.lostRtts += Number(rtts);
    this.lostFlowEvents += Number(flowEvents);
  }
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
