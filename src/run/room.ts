/** Waiting until an output has room, but not for ever. */
import { setImmediate as immediate } from 'node:timers/promises';
import type { Sink } from '../sink/sink.js';

/** How long the last lines wait for it. */
export const LAST_ROOM_MS = 2000;

/** Whether the sink has room, within that time. */
export async function hasRoom(sink: Pick<Sink, 'room'>, milliseconds: number): Promise<boolean> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), Math.max(milliseconds, 0));
  await (sink.room(late.signal) ?? immediate());
  clearTimeout(timer);
  return !late.signal.aborted;
}
