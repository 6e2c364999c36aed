/** The hosts that RTTs were measured to, as a table. */
import type { PeerTotals } from '../summary/peers.js';
import type { SideTotals } from '../summary/totals.js';
import { addressText } from './address.js';
import { significant } from './units.js';

const HEADINGS = ['flows', 'samples', 'least', 'median', 'p99', 'queueing'] as const;
const COLUMN_WIDTH = 8;

/** All times in milliseconds. */
export function peerLines({ worstPeers, peers, peersForgotten }: SideTotals): string[] {
  const addresses = worstPeers.map(({ address, ipVersion }) => addressText(address, ipVersion));
  const title = titleOf(worstPeers.length, peers);
  const width = Math.max(title.length, ...addresses.map(({ length }) => length));
  const row = (first: string, cells: readonly string[]) =>
    `  ${first.padEnd(width)}${cells.map((cell) => ` ${cell.padStart(COLUMN_WIDTH)}`).join('')}`;
  return [
    row(title, HEADINGS),
    ...worstPeers.map((peer, index) => row(addresses[index] ?? '', cellsOf(peer))),
    ...(peersForgotten > 0 ? [`  (peers forgotten for want of room: ${peersForgotten})`] : []),
  ];
}

function titleOf(shown: number, peers: number): string {
  return shown < peers ? `${shown} worst of ${peers} peers` : 'peer';
}

function cellsOf({ flows, samples, least, median, p99, queueing }: PeerTotals): string[] {
  const times = [least, median, p99, queueing].map((time) => significant(time / 1e6));
  return [String(flows), String(samples), ...times];
}
