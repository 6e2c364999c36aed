/** Requests and their answers, of another connection each time, for tests of what is around them. */
import { expect } from '@jest/globals';
import { type HookName, type Kernel, PASS_ON } from '../../../lab/kernel/kernel.js';
import type { Encapsulation, End } from '../../../lab/kernel/packets.js';
import { type CounterName, FATES } from '../../../src/core/counters.js';

/** The RTT of each request, in nanoseconds. */
export const EXCHANGE_NS = 500;

const FIRST_PORT = 10_000;

export class Exchanges {
  #time = 0n;
  #connections = 0;

  /** A client that nothing else has been. */
  fresh(client: End): End {
    return { ...client, port: FIRST_PORT + this.#connections++ };
  }

  /** A request that leaves and its answer that comes in, EXCHANGE_NS later. */
  show(
    kernel: Kernel,
    ends: readonly [End, End],
    request: Encapsulation,
    answer: Encapsulation = request,
  ): void {
    const [client, server] = [this.fresh(ends[0]), ends[1]];
    this.#time += 1_000n;
    kernel.at(this.#time).egress(client, server, { tsval: 1, tsecr: 1 }, request);
    kernel.ingress(server, client, { tsval: 1, tsecr: 1 }, answer);
    kernel.egress(client, server, { tsval: 7, tsecr: 1, seq: 1000, payload: 10 }, request);
    const later = this.#time + BigInt(EXCHANGE_NS);
    kernel.at(later).ingress(server, client, { tsval: 2, tsecr: 7, ack: 1010 }, answer);
  }
}

/** What a packet is counted as. */
export function fatesOf(kernel: Kernel, hook: HookName, data: Buffer): CounterName[] {
  const before = kernel.counters();
  expect(kernel.show(hook, data).verdict).toBe(PASS_ON);
  const after = kernel.counters();
  return FATES.filter((fate) => after[fate] > before[fate]);
}
