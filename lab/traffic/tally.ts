import type { ClientOptions, Mode } from './options.js';

/** What the client prints. Latencies are the application's: request sent to reply complete. */
export interface Summary {
  readonly mode: Mode;
  readonly connections: number;
  readonly requests: number;
  readonly failed: number;
  readonly seconds: number;
  readonly bytes_sent: number;
  readonly bytes_received: number;
  readonly latency_us: Latencies | null;
}

export interface Latencies {
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export class Tally {
  readonly #started = performance.now();
  readonly #latencies: number[] = [];
  #failed = 0;

  add(us: number): void {
    this.#latencies.push(us);
  }

  fail(): void {
    this.#failed++;
  }

  summary({ mode, connections, requestBytes, replyBytes }: ClientOptions): Summary {
    const requests = this.#latencies.length;
    return {
      mode,
      connections,
      requests,
      failed: this.#failed,
      seconds: Math.round(performance.now() - this.#started) / 1_000,
      bytes_sent: requests * requestBytes,
      bytes_received: requests * replyBytes,
      latency_us: requests > 0 ? percentiles(this.#latencies) : null,
    };
  }
}

function percentiles(values: readonly number[]): Latencies {
  const sorted = Float64Array.from(values).sort();
  const at = (percent: number) =>
    Math.round(sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0);
  return { min: at(0), p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}
