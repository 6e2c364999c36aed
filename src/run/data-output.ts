/** What a run writes as its data: lines of what it measures, or with --quiet the summary alone. */
import type { Event } from '../events/types.js';
import { createFormatter, type FormatOptions, hasRttsAlone } from '../format/formats.js';
import type { Notice } from '../format/formatter.js';
import { summaryText } from '../format/summary.js';
import type { RunOptions } from '../options/options.js';
import type { Sink } from '../sink/sink.js';
import { harmless } from '../text/ascii.js';
import type { Consumer } from './consumer.js';
import { FormattedOutput } from './formatted-output.js';

/** Undefined where nothing is written. */
export function dataOutput(
  options: RunOptions,
  sink: Sink,
  shape: FormatOptions,
): Consumer | undefined {
  const { format, quiet, verbose } = options;
  if (format === undefined) return undefined;
  if (isSummaryData(options)) return new SummaryOutput(sink, shape, verbose);
  // With --interval, and with --aggregate alone, the figures of intervals are what is written.
  const { intervals, aggregates } = shape;
  const isWithoutEvents = quiet || intervals !== undefined || aggregates?.events === false;
  return new FormattedOutput(createFormatter(format, shape), sink, isWithoutEvents);
}

/** Whether the summary for people is the data. Otherwise it goes to standard error. */
export function isSummaryData({ quiet, format }: RunOptions): boolean {
  return quiet && format === 'human';
}

/** Whether response times of DNS are in what is printed. */
export function areResponsesPrinted({ format, interval }: RunOptions): boolean {
  return !hasRttsAlone(format, interval !== undefined);
}

class SummaryOutput implements Consumer {
  readonly #sink: Sink;
  readonly #shape: FormatOptions;
  readonly #verbose: boolean;
  /** When there was anything for the first time. */
  #first: bigint | undefined;

  constructor(sink: Sink, shape: FormatOptions, verbose: boolean) {
    this.#sink = sink;
    this.#shape = shape;
    this.#verbose = verbose;
  }

  /** Of the others the time is not even read: a BigInt for each would cost. */
  accept(event: Event): void {
    if (this.#first === undefined) this.#first = event.timestamp;
  }

  notice(notice: Notice): boolean {
    if (notice.type !== 'summary' || !notice.final) return false;
    const { label: place, names } = this.#shape;
    const summary = summaryText(notice.totals, place, this.#verbose, names);
    const text = `${harmless(`${this.#span(notice.timestamp)}\n${summary}`)}\n`;
    this.#sink.write(Buffer.from(text), text.split('\n').length - 1);
    return true;
  }

  /** Whoever finds it later wants to know of when it is. */
  #span(end: bigint): string {
    const { clock } = this.#shape;
    const ended = clock.dateAndTime(end);
    return this.#first === undefined ? ended : `${clock.dateAndTime(this.#first)} to ${ended}`;
  }
}
