/**
 * The machine format of the classic pping (-m), as ppviz reads it: seconds since the epoch, RTT and
 * the flow's least RTT in seconds, and the flow as seen in the reply. It has no place for anything else.
 */

import { isClosing, PerFlow } from '../events/per-flow.js';
import type { Event, KernelEvent } from '../events/types.js';
import { addressText } from '../text/address.js';
import { seconds } from '../text/units.js';
import type { Chunk } from './chunk.js';
import type { Clock } from './clock.js';
import type { Formatter } from './formatter.js';

export class PpvizFormatter implements Formatter {
  readonly #clock: Clock;
  readonly #flows = new PerFlow(flowText);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  format(event: Event, chunk: Chunk): void {
    if (isClosing(event)) this.#flows.close(event.flowId);
    if (event.type !== 'rtt') return;
    const nanoseconds = String(this.#clock.withinSecond(event)).padStart(9, '0');
    const time = `${this.#clock.second}.${nanoseconds}`;
    const rtts = `${seconds(event.rtt)} ${seconds(event.minRtt)}`;
    chunk.append(`${time} ${rtts} ${this.#flows.of(event)}\n`);
  }
}

/** IPv6 without brackets, as there. */
function flowText({ srcAddress, srcPort, destAddress, destPort, ipVersion }: KernelEvent): string {
  const src = `${addressText(srcAddress, ipVersion)}:${srcPort}`;
  return `${src}+${addressText(destAddress, ipVersion)}:${destPort}`;
}
