/** A sink that sends to a server of the test, at once and with short waits. */
import { HttpClient } from '../../../src/upload/client.js';
import { uploadFault } from '../../../src/upload/fault-text.js';
import type { Header } from '../../../src/upload/headers.js';
import { HttpSink, type UploadEvents } from '../../../src/upload/http-sink.js';
import { LIMITS, type Limits } from '../../../src/upload/limits.js';
import type { Failure, Rejection, Retry } from '../../../src/upload/outcome.js';
import { Spool } from '../../../src/upload/spool.js';

const MOST_SPOOLED = 64 << 20;
/** Short, so that no test waits; and batches only when they are full. */
const QUICK: Limits = {
  ...LIMITS,
  batchAge: 3_600_000,
  waitingAge: 3_600_000,
  firstDelay: 1,
  mostDelay: 2,
  end: 60_000,
};

export class UploadLog implements UploadEvents {
  readonly retries: Retry[] = [];
  readonly rejections: { readonly rejection: Rejection; readonly lines: number }[] = [];
  readonly spoolFaults: Error[] = [];
  recoveries = 0;
  stuck = 0;
  kept = 0;

  onRetry(retry: Retry): void {
    this.retries.push(retry);
  }

  onRecovery(): void {
    this.recoveries++;
  }

  onRejected(rejection: Rejection, lines: number): void {
    this.rejections.push({ rejection, lines });
  }

  onStuck(): void {
    this.stuck++;
  }

  onSpoolFault(error: Error): void {
    this.spoolFaults.push(error);
  }

  onKept(lines: number): void {
    this.kept = lines;
  }
}

export interface SinkTerms {
  readonly limits?: Partial<Limits>;
  readonly log?: UploadLog;
  readonly headers?: readonly Header[];
  readonly spool?: Spool | undefined;
  readonly isPatient?: boolean;
}

export function sinkTo(
  address: string,
  { limits: others, log = new UploadLog(), headers = [], spool, isPatient = false }: SinkTerms = {},
): HttpSink {
  const url = new URL(address);
  const limits = { ...QUICK, ...others };
  return new HttpSink({
    client: new HttpClient({ url, headers, trust: undefined }, limits.answer),
    spool,
    limits,
    events: log,
    isPatient,
    faultOf: (failure: Failure) => uploadFault(url, failure),
    spoolFaultOf: ({ message }) => message,
  });
}

export function spoolIn(folder: string, most = MOST_SPOOLED): Promise<Spool> {
  return Spool.open(folder, most);
}

/** What a flow's lines are made of here: which flow, and which of its lines. */
export function line(number: number, flow = 0): string {
  return `{"flow":${flow},"number":${number}}`;
}

/** Writes that many lines, beginning with that number, each with a write of its own. */
export function writeLines(sink: HttpSink, from: number, to: number): void {
  for (let number = from; number < to; number++) sink.write(Buffer.from(`${line(number)}\n`), 1);
}

export function linesFrom(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => line(from + index));
}

/** Without copies of what came before: as whoever deduplicates has them. */
export function once(lines: readonly string[]): string[] {
  return [...new Set(lines)];
}
