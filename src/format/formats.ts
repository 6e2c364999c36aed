import { extname } from 'node:path';
import type { AttributionOf } from '../attribution/owner.js';
import type { CaptureOf, SurroundingsOf } from '../events/places.js';
import type { HostNames } from '../text/host.js';
import type { Clock } from './clock.js';
import { CsvFormatter } from './csv.js';
import { CsvIntervalFormatter } from './csv-intervals.js';
import type { Formatter } from './formatter.js';
import { HumanFormatter } from './human.js';
import { IntervalFormatter, type IntervalShape } from './intervals.js';
import { NdjsonFormatter } from './ndjson.js';
import { PpvizFormatter } from './ppviz.js';

export const FORMATS = ['human', 'pping', 'ndjson', 'csv', 'ppviz'] as const;
export type FormatName = (typeof FORMATS)[number];

/** What a file of this name is expected to hold; undefined is standard output. */
export function formatFor(file: string | undefined): FormatName {
  const extension = file === undefined ? '' : extname(file).toLowerCase();
  if (extension === '.csv') return 'csv';
  return ['.ndjson', '.jsonl', '.json'].includes(extension) ? 'ndjson' : 'human';
}

export interface FormatOptions {
  readonly clock: Clock;
  /** The interface the events come from; undefined for a capture. */
  readonly interface: string | undefined;
  readonly color: boolean;
  /** Whether somebody watches the lines as they come. */
  readonly isTerminal?: boolean;
  /** Undefined where it is not found out whose connections are. Not asked for each line. */
  readonly attributionOf?: AttributionOf | undefined;
  /** Not asked for each line. */
  readonly surroundingsOf?: SurroundingsOf | undefined;
  /** Where there are several; not asked for each line. */
  readonly captureOf?: CaptureOf | undefined;
  /** Where there are lines per interval, and none per event. */
  readonly intervals?: IntervalShape | undefined;
  /** For people; undefined where hosts are shown by their addresses. Programs get addresses. */
  readonly names?: HostNames | undefined;
}

export function createFormatter(name: FormatName, options: FormatOptions): Formatter {
  const { clock, intervals, isTerminal } = options;
  if (name === 'human' && intervals) return new IntervalFormatter(clock, intervals, options.names);
  if (name === 'human') return new HumanFormatter(clock, { ...options, hasHeading: isTerminal });
  if (name === 'pping')
    return new HumanFormatter(clock, { ...options, names: undefined, isClassic: true });
  if (name === 'csv' && intervals) return new CsvIntervalFormatter(clock, options.interface);
  if (name === 'csv') return new CsvFormatter(clock, options.interface, options);
  if (name === 'ppviz') return new PpvizFormatter(clock);
  return new NdjsonFormatter(clock, options.interface, options);
}
