/** Bytes of what can be measured, by protocol, that only grow: Prometheus takes each fall for a new beginning. */
import { type Counters, measurableBytesIn } from '../core/counters.js';

export type ByProtocol = Readonly<ReturnType<typeof measurableBytesIn>>;

/** TCP's are what is left of all bytes: a packet that some counters have and others not yet makes them too few, or too many. */
export class MeasurableBytes {
  #highest: ByProtocol = { TCP: 0, ICMP: 0, ICMPv6: 0, QUIC: 0, DNS: 0 };

  /** The most that there were at any reading. */
  read(counters: Counters): ByProtocol {
    const now = measurableBytesIn(counters);
    const highest = this.#highest;
    this.#highest = {
      TCP: Math.max(highest.TCP, now.TCP),
      ICMP: Math.max(highest.ICMP, now.ICMP),
      ICMPv6: Math.max(highest.ICMPv6, now.ICMPv6),
      QUIC: Math.max(highest.QUIC, now.QUIC),
      DNS: Math.max(highest.DNS, now.DNS),
    };
    return this.#highest;
  }
}
