/** Response times of DNS as Prometheus wants them: apart from RTTs, and by the response's code. */
import type { DnsEvent, KernelEvent } from '../events/types.js';
import { SIDES, type Side, sideOf } from '../summary/sides.js';
import { RttHistogram, type RttTerms } from './rtts.js';
import { BoundedSeries, type Labels } from './series.js';

export class DnsMetrics {
  readonly times: BoundedSeries<KernelEvent, RttHistogram>;
  /** Always the same object for the same labels. */
  readonly #kinds: Record<Side, Map<string, Labels>>;

  constructor(terms: RttTerms<KernelEvent>) {
    this.times = new BoundedSeries({ ...terms, make: () => new RttHistogram() });
    this.#kinds = Object.fromEntries(SIDES.map((side) => [side, new Map()])) as Record<
      Side,
      Map<string, Labels>
    >;
  }

  /** What was not answered the core counts. */
  accept(event: KernelEvent): void {
    if (event.type !== 'dns') return;
    const { responseTime, rcode } = event;
    if (responseTime === undefined || rcode === undefined) return;
    this.times.of(event, this.#kindOf(event, rcode)).record(responseTime, 1);
  }

  /** Interfaces go by other names. */
  refreshAll(): void {
    this.times.refreshAll();
  }

  #kindOf(event: DnsEvent, rcode: string): Labels {
    const side = sideOf(event);
    const kinds = this.#kinds[side];
    let kind = kinds.get(rcode);
    if (!kind) {
      kind = { side, rcode };
      kinds.set(rcode, kind);
    }
    return kind;
  }
}
