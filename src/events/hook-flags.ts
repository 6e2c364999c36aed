/** On which side of the interface the answer to something was seen, as events tell it. */
import { RTT_FLAG } from '../core/layouts.js';

const { hookUnknown: HOOK_UNKNOWN, matchOnEgress: MATCH_ON_EGRESS } = RTT_FLAG;

/** Whether it has left through the interface; undefined where that is not known. */
export function sideIn(flags: number): boolean | undefined {
  if (flags & HOOK_UNKNOWN) return undefined;
  return (flags & MATCH_ON_EGRESS) !== 0;
}
