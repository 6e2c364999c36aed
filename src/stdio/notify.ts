/** What pping says to people while it runs: on standard error, never among the data. */
import { harmless } from '../text/ascii.js';
import { count } from '../text/units.js';

/** Of messages, where nobody reads standard error. */
const MAX_UNREAD = 1 << 20;
let leftOut = 0;

/** Who does not read is told later how many messages were left out. */
export function notify(text: string): void {
  if (process.stderr.writableLength > MAX_UNREAD) {
    leftOut++;
    return;
  }
  if (leftOut > 0) process.stderr.write(`${count(leftOut, 'message')} left out\n`);
  leftOut = 0;
  process.stderr.write(`${harmless(text)}\n`);
}
