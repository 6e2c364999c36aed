/** One JSON object a line; the schema is docs/ndjson.md. */
import type { Event, FlowEvent, KernelEvent, LossEvent, RttEvent } from '../events/types.js';
import { addressText } from './address.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import { FlowText } from './flow-text.js';
import type { Formatter, Notice } from './formatter.js';
import { noticeFields } from './ndjson-notices.js';

export class NdjsonFormatter implements Formatter {
  readonly #clock: Clock;
  /** Field and comma; empty where events come from no interface. */
  readonly #interface: string;
  readonly #flows = new FlowText(flowFields);

  constructor(clock: Clock, interfaceName: string | undefined) {
    this.#clock = clock;
    this.#interface = interfaceName === undefined ? '' : `"interface":${asciiJson(interfaceName)},`;
  }

  format(event: Event, chunk: Chunk): void {
    chunk.append(this.#line(event, this.#fields(event)));
  }

  notice(notice: Notice, chunk: Chunk): void {
    chunk.append(this.#line(notice, noticeFields(notice)));
  }

  #line({ type, timestamp }: Event | Notice, fields: string): string {
    return `{"type":"${type}","timestamp":${this.#clock.epoch(timestamp)},${this.#interface}${fields}}\n`;
  }

  #fields(event: Event): string {
    if (event.type === 'rtt') return `${this.#flows.of(event)},${rttFields(event)}`;
    if (event.type === 'flow') return `${this.#flows.of(event)},${flowEventFields(event)}`;
    return lossFields(event);
  }
}

/** A JSON string without a byte beyond ASCII, which is all that a chunk takes. */
function asciiJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function flowFields(event: KernelEvent): string {
  const { srcAddress, destAddress, ipVersion } = event;
  return (
    `"flow_id":${event.flowId}` +
    `,"src_ip":"${addressText(srcAddress, ipVersion)}","src_port":${event.srcPort}` +
    `,"dest_ip":"${addressText(destAddress, ipVersion)}","dest_port":${event.destPort}` +
    `,"protocol":"TCP"`
  );
}

function rttFields(event: RttEvent): string {
  return (
    `"rtt":${event.rtt},"min_rtt":${event.minRtt},"srtt":${event.srtt}` +
    `,"sent_packets":${event.sentPackets},"sent_bytes":${event.sentBytes}` +
    `,"rec_packets":${event.recPackets},"rec_bytes":${event.recBytes}` +
    (event.matchOnEgress === undefined ? '' : `,"match_on_egress":${event.matchOnEgress}`) +
    (event.handshake ? ',"handshake":true' : '') +
    (event.samples > 1
      ? `,"samples":${event.samples},"interval_min_rtt":${event.intervalMinRtt}`
      : '')
  );
}

function flowEventFields(event: FlowEvent): string {
  return `"flow_event":"${event.change}","reason":"${event.reason}","triggered_by":"${event.triggeredBy}"`;
}

function lossFields(event: LossEvent): string {
  return `"lost_rtts":${event.lostRtts},"lost_flow_events":${event.lostFlowEvents}`;
}
