import type { Clock } from './clock.js';
import type { Formatter } from './formatter.js';
import { HumanFormatter } from './human.js';
import { NdjsonFormatter } from './ndjson.js';

export const FORMATS = ['human', 'ndjson'] as const;
export type FormatName = (typeof FORMATS)[number];

export interface FormatOptions {
  readonly clock: Clock;
  /** The interface the events come from; undefined for a capture. */
  readonly interface: string | undefined;
  readonly color: boolean;
}

export function createFormatter(name: FormatName, options: FormatOptions): Formatter {
  return name === 'human'
    ? new HumanFormatter(options.clock, options.color)
    : new NdjsonFormatter(options.clock, options.interface);
}
