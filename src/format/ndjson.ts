/** One JSON object a line; the schema is docs/ndjson.md. */

import type { AttributionOf } from '../attribution/owner.js';
import { isClosing, PerFlow } from '../events/per-flow.js';
import { PerPlace } from '../events/per-place.js';
import type {
  InterfacePlace,
  SeenAtOf,
  Surroundings,
  SurroundingsOf,
  Tunnel,
  Vlans,
} from '../events/places.js';
import type {
  DnsEvent,
  Event,
  FlowEvent,
  KernelEvent,
  LossEvent,
  OverdueEvent,
  RttEvent,
} from '../events/types.js';
import { areResendsSeen } from '../summary/resent.js';
import type { RouteChange } from '../summary/routes.js';
import { addressText } from '../text/address.js';
import { asciiJson } from '../text/ascii.js';
import type { Label } from '../text/label.js';
import { NOTHING, type Piece, pieceOf } from './bytes.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter, Notice } from './formatter.js';
import { aggregateFields } from './ndjson-aggregates.js';
import { attributionFields } from './ndjson-attribution.js';
import { dnsFields } from './ndjson-dns.js';
import { dnsAggregateFields } from './ndjson-dns-aggregates.js';
import { changeFields } from './ndjson-interfaces.js';
import { lossesFields } from './ndjson-losses.js';
import { noticeFields } from './ndjson-notices.js';
import { type PlacePieces, putRtt } from './ndjson-rtt.js';
import { visibilityFields } from './ndjson-visibility.js';
import { routeFields } from './route.js';
import { interfaceFields } from './seen-at.js';

/** What is known of flows besides their events. */
interface Known {
  /** The network namespace that all is seen in; undefined where it is our own, and for a capture. */
  readonly netns?: string | undefined;
  readonly attributionOf?: AttributionOf | undefined;
  readonly surroundingsOf?: SurroundingsOf | undefined;
  readonly seenAtOf?: SeenAtOf | undefined;
  /** Of all of a run. */
  readonly labels?: readonly Label[] | undefined;
}

export class NdjsonFormatter implements Formatter {
  readonly #clock: Clock;
  /** Fields of all lines, each with its comma: labels, and the network namespace where there is one to be told. */
  readonly #constant: string;
  /** Field and comma; empty where not all is of one interface. */
  readonly #interface: string;
  readonly #places = new PerPlace((place) => this.#piecesOf(place));
  /** Undefined where nothing is known of flows besides their events. */
  readonly #attributions: PerFlow<Piece> | undefined;
  readonly #surroundingsOf: SurroundingsOf;
  readonly #seenAtOf: SeenAtOf | undefined;
  readonly #attributionOf: AttributionOf | undefined;

  constructor(clock: Clock, interfaceName: string | undefined, known: Known = {}) {
    this.#clock = clock;
    this.#surroundingsOf = known.surroundingsOf ?? (() => undefined);
    this.#seenAtOf = known.seenAtOf;
    this.#attributionOf = known.attributionOf;
    this.#attributions =
      known.attributionOf && new PerFlow((event) => pieceOf(this.#attributionFields(event)));
    this.#constant = labelFields(known.labels) + namespaceField(known.netns);
    this.#interface = interfaceFields({ interface: interfaceName });
  }

  format(event: Event, chunk: Chunk): void {
    if (event.type === 'rtt') this.#appendRtt(event, chunk);
    else chunk.append(this.#line(event, this.#fieldsOf(event)));
    if (isClosing(event)) this.#attributions?.close(event.flowId);
  }

  refresh(flowId: number): void {
    this.#attributions?.forget(flowId);
  }

  refreshAll(): void {
    this.#places.forgetAll();
  }

  notice(notice: Notice, chunk: Chunk): boolean {
    // It has an object for each of them.
    if (notice.type === 'aggregates') return true;
    chunk.append(this.#line(notice, this.#noticeFields(notice)));
    return true;
  }

  #noticeFields(notice: Exclude<Notice, { type: 'aggregates' }>): string {
    if (notice.type === 'aggregate') return aggregateFields(notice.length, notice.figures);
    if (notice.type === 'dns_aggregate') return dnsAggregateFields(notice.length, notice.figures);
    if (notice.type === 'route') return this.#routeFields(notice.change);
    if (notice.type === 'visibility') {
      return this.#named(notice.sighting) + visibilityFields(notice.sighting);
    }
    if (notice.type === 'interface') {
      return this.#named(notice.change) + changeFields(notice.change);
    }
    return noticeFields(notice);
  }

  /** Where each line does not have it already. */
  #named(place: InterfacePlace): string {
    return this.#interface === '' ? interfaceFields(place) : '';
  }

  #routeFields(change: RouteChange): string {
    const { place } = change;
    return this.#seenAtFields(place) + routeFields(change, this.#clock) + this.#placeFields(place);
  }

  #line({ type, timestamp }: Event | Notice, fields: string): string {
    return `{"type":"${type}","timestamp":${this.#clock.epoch(timestamp)},${this.#constant}${this.#interface}${fields}}\n`;
  }

  #piecesOf(place: number): PlacePieces {
    const before = `,${this.#constant}${this.#interface}${this.#seenAtFields(place)}"flow_id":`;
    return { before: pieceOf(before), after: pieceOf(this.#placeFields(place)) };
  }

  #fieldsOf(event: Exclude<Event, RttEvent>): string {
    if (event.type === 'loss') return lossFields(event);
    if (event.type === 'dns') return this.#dnsFields(event);
    if (event.type === 'overdue') return `${this.#flowFields(event)},${overdueFields(event)}`;
    return `${this.#flowFields(event)},${flowEventFields(event)}`;
  }

  /** It is of no flow. */
  #dnsFields(event: DnsEvent): string {
    const { place } = event;
    const where = `${this.#seenAtFields(place)}${endFields(event)}${this.#placeFields(place)}`;
    return `${where}${this.#attributionFields(event)},${dnsFields(event)}`;
  }

  #flowFields(event: KernelEvent): string {
    return (
      this.#seenAtFields(event.place) +
      `"flow_id":${event.flowId},${endFields(event)}` +
      this.#placeFields(event.place) +
      this.#attributionFields(event)
    );
  }

  #seenAtFields(place: number): string {
    return interfaceFields(this.#seenAtOf?.(place));
  }

  #attributionFields(event: KernelEvent): string {
    return attributionFields(this.#attributionOf?.(event), event.ipVersion);
  }

  #placeFields(place: number): string {
    const capture = this.#seenAtOf?.(place)?.capture;
    return captureFields(capture) + surroundingFields(this.#surroundingsOf(place));
  }

  #appendRtt(event: RttEvent, chunk: Chunk): void {
    const pieces = this.#places.of(event.place);
    const attribution = this.#attributions?.of(event) ?? NOTHING;
    const view = chunk.room(pieces.before.length + pieces.after.length + attribution.length);
    chunk.commit(putRtt(view, chunk.length, this.#clock, event, pieces, attribution));
  }
}

function labelFields(labels: readonly Label[] = []): string {
  return labels.map(({ name, value }) => `"${name}":${asciiJson(value)},`).join('');
}

function namespaceField(netns: string | undefined): string {
  return netns === undefined ? '' : `"netns":${asciiJson(netns)},`;
}

function overdueFields({ waited, matchOnEgress }: OverdueEvent): string {
  const side = matchOnEgress === undefined ? '' : `,"match_on_egress":${matchOnEgress}`;
  return `"waited":${waited}${side}`;
}

function endFields(event: KernelEvent): string {
  const { srcAddress, destAddress, ipVersion } = event;
  return (
    `"src_ip":"${addressText(srcAddress, ipVersion)}","src_port":${event.srcPort}` +
    `,"dest_ip":"${addressText(destAddress, ipVersion)}","dest_port":${event.destPort}` +
    `,"protocol":"${event.protocol}"`
  );
}

function captureFields(capture: string | undefined): string {
  return capture === undefined ? '' : `,"capture":${asciiJson(capture)}`;
}

function surroundingFields(surroundings: Surroundings | undefined): string {
  if (surroundings === undefined) return '';
  const { vlans, tunnels } = surroundings;
  const [outer, inner] = tunnels;
  return vlanFields(vlans) + tunnelFields('tunnel', outer) + tunnelFields('inner_tunnel', inner);
}

function vlanFields(vlans: Vlans | undefined): string {
  if (vlans === undefined) return '';
  const { outer, inner } = vlans;
  return `,"vlan":${outer}${inner === undefined ? '' : `,"inner_vlan":${inner}`}`;
}

function tunnelFields(name: string, tunnel: Tunnel | undefined): string {
  if (tunnel === undefined) return '';
  return `,"${name}":"${tunnel.name}"${tunnel.id === undefined ? '' : `,"${name}_id":${tunnel.id}`}`;
}

function flowEventFields(event: FlowEvent): string {
  const { change, reason, triggeredBy } = event;
  const what = `"flow_event":"${change}","reason":"${reason}","triggered_by":"${triggeredBy}"`;
  if (change === 'opening') return what;
  const spin = event.spin === undefined ? '' : `,"spin":"${event.spin}"`;
  return `${what}${unmeasuredFields(event)}${spin},${trafficFields(event)}`;
}

function unmeasuredFields({ unmeasuredSrc, unmeasuredDest }: FlowEvent): string {
  const src = unmeasuredSrc === undefined ? '' : `,"unmeasured_src":"${unmeasuredSrc}"`;
  return unmeasuredDest === undefined ? src : `${src},"unmeasured_dest":"${unmeasuredDest}"`;
}

function trafficFields(event: FlowEvent): string {
  const carried =
    `"sent_packets":${event.sentPackets},"sent_bytes":${event.sentBytes}` +
    `,"rec_packets":${event.recPackets},"rec_bytes":${event.recBytes}`;
  if (!areResendsSeen(event.protocol)) return carried;
  return carried + lossesFields('sent_', event.sentLosses) + lossesFields('rec_', event.recLosses);
}

function lossFields(event: LossEvent): string {
  return `"lost_rtts":${event.lostRtts},"lost_flow_events":${event.lostFlowEvents}`;
}
