/** How many connections of QUIC there were, and whether they spin, in a line of the summary. */
import { numberOf, SPIN_VERDICTS } from '../core/quic-connections.js';
import type { RunTotals } from '../summary/totals.js';
import { count } from '../text/units.js';

/** None where there was no connection. */
export function quicLines({ quic }: RunTotals): string[] {
  if (!quic || numberOf(quic) === 0) return [];
  const verdicts = SPIN_VERDICTS.filter((verdict) => quic[verdict] > 0);
  const each = verdicts.map((verdict) => `${quic[verdict]} ${verdict}`).join(', ');
  return [`QUIC: ${count(numberOf(quic), 'connection')}; spin bit: ${each}`];
}
