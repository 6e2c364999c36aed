import type { Event } from '../events/types.js';
import type { Chunk } from './chunk.js';

/** Writes events, a line each. */
export interface Formatter {
  format(event: Event, chunk: Chunk): void;
}
