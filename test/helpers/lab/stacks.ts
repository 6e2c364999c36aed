/** Kinds of connections that differ in what their stacks are told, how they write, and what the path does. */
import { readFileSync } from 'node:fs';
import type { Kind } from './corpus.js';

const BARE = { tcp_timestamps: '0' };
const REQUESTS = ['--connections', '3', '--requests', '15', '--interval', '20'];
const SHORT = ['--mode', 'short', '--connections', '3', '--requests', '8', '--interval', '10'];
const BULK = ['--mode', 'bulk', '--rate', '40', '--requests', '60'];
const LARGE = ['--requests', '12', '--interval', '20'];
const UPLOADS = [...LARGE, '--request', '60000'];
const DOWNLOADS = [...LARGE, '--reply', '60000'];
const MIXED = ['--connections', '6', '--requests', '12', '--interval', '10'];
const BOTH = [...MIXED, '--request', '3000', '--reply', '3000'];
const SMALL = { tcp_rmem: '4096 8192 8192', tcp_wmem: '4096 8192 8192' };

/** Two small writes and a read: Nagle's algorithm waits for the acknowledgement, which is delayed. */
const NAGLE = `
import socket, struct, sys
peer = socket.create_connection((sys.argv[1], int(sys.argv[2])))
peer.sendall(struct.pack('>III', 200, 100, 0))
for _ in range(int(sys.argv[3])):
    peer.sendall(b'a' * 100)
    peer.sendall(b'b' * 100)
    for _ in range(100): assert peer.recv(1)
`;
const AVAILABLE = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8');
/** BBR where there is none is cubic with pacing, at least. */
const BBR = AVAILABLE.includes('bbr') ? 'bbr' : 'cubic';

/** With timestamps and without. */
export const KINDS = withAndWithout([
  { name: 'requests, cubic', congestion: 'cubic', traffic: REQUESTS },
  { name: 'short connections, IPv6', isIpv6: true, traffic: SHORT },
  { name: 'upload, BBR', congestion: BBR, traffic: BULK },
  {
    name: 'uploads, Reno, no SACK, 2 % lost',
    congestion: 'reno',
    settings: { tcp_sack: '0' },
    faults: { lost: 20, early: 0 },
    traffic: UPLOADS,
  },
  {
    name: 'downloads, IPv6, 2 % out of order',
    isIpv6: true,
    faults: { lost: 0, early: 20 },
    traffic: DOWNLOADS,
  },
  { name: 'downloads, small windows', settings: SMALL, traffic: [...LARGE, '--reply', '20000'] },
  { name: 'delayed acknowledgements', script: NAGLE, traffic: ['10'] },
  { name: 'both ways, 2 % lost, 2 % out of order', faults: { lost: 20, early: 20 }, traffic: BOTH },
]);

/** For where segments are merged (GSO). */
export const MERGED_KINDS = withAndWithout([
  { name: 'requests', traffic: REQUESTS },
  { name: 'upload', traffic: BULK },
  { name: 'downloads, IPv6', isIpv6: true, traffic: DOWNLOADS },
  { name: 'uploads, 2 % lost', faults: { lost: 20, early: 0 }, traffic: UPLOADS },
  { name: 'uploads, 5 % dropped', dropped: 20, traffic: UPLOADS },
]);

function withAndWithout(kinds: readonly Kind[]): Kind[] {
  return kinds.flatMap((kind) => [
    kind,
    { ...kind, name: `${kind.name}, no timestamps`, settings: { ...kind.settings, ...BARE } },
  ]);
}
