/** What could not be measured of hosts, and why, for people. */
import type { Unmeasured } from '../events/names.js';
import type { UnmeasuredHosts } from '../summary/coverage.js';
import type { MeasuredPeer } from '../summary/run-totals.js';
import { type HostNames, hostText } from '../text/host.js';
import { byteCount, count, percent } from '../text/units.js';

const REASONS: Record<Unmeasured, string> = {
  local: 'on this machine',
  'one direction': 'seen in one direction only',
  'no data': 'nothing sent that needs an answer',
  'nothing new': 'no data known to be new',
  unanswered: 'no answer seen',
  ambiguous: 'unclear what was answered',
  'no timestamps': 'no TCP timestamps; --no-sequence excludes these',
  'no spin': 'QUIC, first seen after its handshake, spin bit not proven',
};

/** Below their table, of those of which less than all was measured. */
export function coverageLines(peers: readonly MeasuredPeer[], names?: HostNames): string[] {
  return peers.flatMap(({ address, ipVersion, flows, bytes, uncovered }) => {
    if (!uncovered) return [];
    const of = flows + uncovered.flows;
    const share = `${flows} of ${count(of, 'flow')} and ${percent(bytes, bytes + uncovered.bytes)} of bytes measured`;
    return [`  ${hostText(address, ipVersion, names)}: ${share} (${REASONS[uncovered.reason]})`];
  });
}

export function unmeasuredLines(hosts: UnmeasuredHosts | undefined): string[] {
  if (!hosts) return [];
  const { hosts: number, bytes, flows, reason, forgotten } = hosts;
  const least = forgotten > 0 ? 'at least ' : '';
  return [
    `hosts without an RTT: ${least}${number} with ${byteCount(bytes)} in ${count(flows, 'flow')} (${REASONS[reason]})`,
  ];
}
