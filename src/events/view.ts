/**
 * Events read where the kernel, or the replay, has put them: nothing is copied or allocated.
 * What at() gives is valid until its next call, and only as long as the record is.
 */
import { EVENT_HEADER, EVENT_TYPE, FLOW_EVENT, OVERDUE_EVENT } from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { DnsView, dnsLength } from './dns-view.js';
import { FlowView } from './flow-view.js';
import { typeOf, UndecodableRecord } from './header-view.js';
import { OverdueView } from './overdue-view.js';
import { RttView, rttLength } from './rtt-view.js';
import type { KernelEvent } from './types.js';

export { UndecodableRecord } from './header-view.js';

/** A constant of this module's own: engines take none that is imported for one, and RTTs are many. */
const { rtt: IS_RTT, flow: IS_FLOW, overdue: IS_OVERDUE, dns: IS_DNS } = EVENT_TYPE;

export class RecordView {
  readonly #rtt: RttView;
  readonly #flow: FlowView;
  readonly #overdue: OverdueView;
  readonly #dns: DnsView;

  /** @param anonymizer undefined: addresses are shown as they are */
  constructor(anonymizer?: Anonymizer) {
    this.#rtt = new RttView(anonymizer);
    this.#flow = new FlowView(anonymizer);
    this.#overdue = new OverdueView(anonymizer);
    this.#dns = new DnsView(anonymizer);
  }

  /** The event in the record of `length` bytes at `offset` of `bytes`. Throws UndecodableRecord. */
  at(bytes: DataView, offset: number, length: number): KernelEvent {
    if (length < EVENT_HEADER.size) {
      throw new UndecodableRecord(`a record of ${length} bytes is too short`);
    }
    const type = typeOf(bytes, offset);
    if (type === IS_RTT && length === rttLength(bytes, offset, length)) {
      return this.#rtt.on(bytes, offset);
    }
    if (type === IS_FLOW && length === FLOW_EVENT.size) return this.#flow.on(bytes, offset);
    if (type === IS_OVERDUE && length === OVERDUE_EVENT.size) {
      return this.#overdue.on(bytes, offset);
    }
    if (type === IS_DNS && length === dnsLength(bytes, offset, length)) {
      return this.#dns.on(bytes, offset);
    }
    throw new UndecodableRecord(`no record of type ${type} has ${length} bytes`);
  }
}
