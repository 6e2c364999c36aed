import type { Event } from '../../../src/events/types.js';
import { Chunk } from '../../../src/format/chunk.js';
import type { Formatter } from '../../../src/format/formatter.js';

/** What a formatter makes of events. */
export function textOf(formatter: Formatter, ...events: readonly Event[]): string {
  const chunk = new Chunk();
  for (const event of events) formatter.format(event, chunk);
  return chunk.take().bytes.toString('utf8');
}
