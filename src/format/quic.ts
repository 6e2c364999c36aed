/** How many connections of QUIC there were, and how many of them spin, in a line of the summary. */
import { numberOf, type QuicConnections, SPIN_VERDICTS } from '../core/quic-connections.js';
import type { RunTotals } from '../summary/run-totals.js';
import { count } from '../text/units.js';

/** None where there was no connection. */
export function quicLines({ quic }: RunTotals): string[] {
  if (!quic || numberOf(quic) === 0) return [];
  const all = count(numberOf(quic), 'connection');
  return [`QUIC: ${all}, ${quic.valid > 0 ? spinText(quic) : noSpinText(quic)}`];
}

function spinText(quic: QuicConnections): string {
  const { valid } = quic;
  const text = `${valid} spinning`;
  return valid === numberOf(quic) ? text : `${text}; the others: ${othersText(quic)}`;
}

/** Why there may be RTTs all the same. */
function noSpinText(quic: QuicConnections): string {
  const isPlain = quic.none === numberOf(quic);
  const others = isPlain ? '' : ` (${othersText(quic)})`;
  return `none known to spin${others}: only handshakes can be measured`;
}

function othersText(quic: QuicConnections): string {
  const verdicts = SPIN_VERDICTS.filter((verdict) => verdict !== 'valid' && quic[verdict] > 0);
  return verdicts
    .map((verdict) => `${quic[verdict]} ${verdict === 'none' ? 'unknown' : verdict}`)
    .join(', ');
}
