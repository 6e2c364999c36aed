/** What a run writes as its data: lines of what it measures, or with --quiet the summary alone. */
import { createFormatter, type FormatOptions, hasRttsAlone } from '../format/formats.js';
import type { Notice } from '../format/formatter.js';
import { summaryText } from '../format/summary.js';
import type { RunOptions } from '../options/options.js';
import type { Sink } from '../sink/sink.js';
import { harmless } from '../text/ascii.js';
import type { Consumer } from './consumer.js';
import { FormattedOutput } from './formatted-output.js';

/**
 * Undefined where nothing is written.
 * @param begin when what was measured begins, on the clock of the events; undefined of nothing
 */
export function dataOutput(
  options: RunOptions,
  sink: Sink,
  shape: FormatOptions,
  begin: () => bigint | undefined,
): Consumer | undefined {
  const { format, quiet, verbose } = options;
  if (format === undefined) return undefined;
  if (isSummaryData(options)) return new SummaryOutput(sink, shape, verbose, begin);
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
  readonly #begin: () => bigint | undefined;

  constructor(sink: Sink, shape: FormatOptions, verbose: boolean, begin: () => bigint | undefined) {
    this.#sink = sink;
    this.#shape = shape;
    this.#verbose = verbose;
    this.#begin = begin;
  }

  /** The summary has it all. */
  accept(): void {}

  notice(notice: Notice): boolean {
    if (notice.type !== 'summary' || !notice.final) return false;
    const { label: place, names } = this.#shape;
    const summary = summaryText(notice.totals, place, this.#verbose, names);
    const text = `${harmless([...this.#span(notice.timestamp), summary].join('\n'))}\n`;
    this.#sink.write(Buffer.from(text), text.split('\n').length - 1);
    return true;
  }

  /** Whoever finds it later wants to know of when it is. */
  #span(end: bigint): string[] {
    const { clock } = this.#shape;
    const begin = this.#begin();
    return begin === undefined ? [] : [`${clock.dateAndTime(begin)} to ${clock.dateAndTime(end)}`];
  }
}
