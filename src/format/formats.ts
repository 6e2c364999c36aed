import { extname } from 'node:path';
import type { SurroundingsOf } from '../events/places.js';
import { isUrl } from '../output-url.js';
import type { Label } from '../text/label.js';
import { AggregateFormatter, type AggregateShape } from './aggregates.js';
import type { Clock } from './clock.js';
import { CsvFormatter } from './csv.js';
import { CsvIntervalFormatter } from './csv-intervals.js';
import type { Formatter } from './formatter.js';
import { HumanFormatter, type LineShape } from './human.js';
import { IntervalFormatter, type IntervalShape } from './intervals.js';
import { NdjsonFormatter } from './ndjson.js';
import { PpvizFormatter } from './ppviz.js';

export const FORMATS = ['human', 'pping', 'ndjson', 'csv', 'ppviz'] as const;
export type FormatName = (typeof FORMATS)[number];

/** What a file of this name is expected to hold; undefined is standard output. */
export function formatFor(file: string | undefined): FormatName {
  if (isUrl(file)) return 'ndjson';
  const extension = file === undefined ? '' : extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  return ['.ndjson', '.jsonl', '.json'].includes(extension) ? 'ndjson' : 'human';
}

/**
 * Whether its lines are of RTTs alone: response times of DNS have none. Undefined is no output at all.
 * @param areOfIntervals whether there is a line per interval, instead of one per RTT
 */
export function hasRttsAlone(format: FormatName | undefined, areOfIntervals: boolean): boolean {
  if (format === 'csv') return !areOfIntervals;
  return format === 'pping' || format === 'ppviz';
}

/** Whether it has a place for fields that a run's user adds; undefined is no output at all. */
export function hasLabels(format: FormatName | undefined): boolean {
  return format === 'ndjson' || format === 'csv';
}

export interface FormatOptions extends LineShape {
  readonly clock: Clock;
  /** The interface the events come from; undefined for a capture, and where there are several. */
  readonly interface: string | undefined;
  /** The network namespace that they are in; undefined where it is our own, and for a capture. */
  readonly netns?: string | undefined;
  /** What people are told in its place; undefined for a capture. */
  readonly label?: string | undefined;
  /** Whether somebody watches the lines as they come. */
  readonly isTerminal?: boolean;
  /** Not asked for each line. */
  readonly surroundingsOf?: SurroundingsOf | undefined;
  /** Where there are lines per interval, and none per event. */
  readonly intervals?: IntervalShape | undefined;
  /** Fields that are the same in all lines, where the format has a place for them. */
  readonly labels?: readonly Label[] | undefined;
  /** Where the core counts RTTs. */
  readonly aggregates?: AggregateShape | undefined;
}

export function createFormatter(name: FormatName, options: FormatOptions): Formatter {
  const { clock, intervals, aggregates, isTerminal } = options;
  if (name === 'human' && intervals) return new IntervalFormatter(clock, intervals, options.names);
  if (name === 'human') {
    const lines = new HumanFormatter(clock, { ...options, hasHeading: isTerminal });
    if (!aggregates) return lines;
    const events = aggregates.events ? lines : undefined;
    return new AggregateFormatter(clock, aggregates, options.names, events);
  }
  if (name === 'pping')
    return new HumanFormatter(clock, { ...options, names: undefined, isClassic: true });
  if (name === 'csv' && intervals)
    return new CsvIntervalFormatter(
      ...([clock, options.interface, options.labels] as const),
      ...([intervals.areProtocolsTold, intervals.isDnsTold] as const),
    );
  if (name === 'csv') return new CsvFormatter(clock, options.interface, options);
  if (name === 'ppviz') return new PpvizFormatter(clock);
  return new NdjsonFormatter(clock, options.interface, options);
}
