/** Captures without an RTT, one of each kind: what is said of them is true. */
import { writeFileSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { CLIENT, SERVER } from '../../lab/kernel/ends.js';
import { type Encapsulation, frame, type Segment, tcpFrame } from '../../lab/kernel/packets.js';
import { replayHere } from '../helpers/command/in-process.js';
import { BASE, conversation } from '../helpers/core/replayed.js';
import { type CapturedPacket, Pcapng, pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

jest.setTimeout(240_000);

const inFolder = useTemporaryFolder();

/** A millisecond apart. */
function timed(frames: readonly Buffer[]): CapturedPacket[] {
  return frames.map((frame, index) => ({ time: BASE + BigInt(index) * 1_000_000n, frame }));
}

const up = (segment?: Segment, around?: Encapsulation) => tcpFrame(CLIENT, SERVER, segment, around);
const down = (segment?: Segment, around?: Encapsulation) =>
  tcpFrame(SERVER, CLIENT, segment, around);
const arp = () => frame(0x0806, Buffer.alloc(28));
const udp = () => up({}, { protocol: 17 });
const fragment = () => up({}, { fragment: 185 });
const syn = () => up({ flags: ['SYN'], tsval: 1, seq: 999 });
const reset = () => down({ flags: ['RST'] });
const untimed = { options: Buffer.alloc(0), payload: 10 };

/** Its IP header is shorter than one can be. */
function malformed(): Buffer {
  const bytes = up({ tsval: 1, tsecr: 1 });
  bytes[14] = 0x43;
  return bytes;
}

/** Each has a new TSval, and acknowledges what the other side has sent. */
const requests = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    up({ tsval: 100 + n, tsecr: 50 + n, seq: 1_000 + 10 * n, payload: 10 }),
  );

/** What is said beside the summary, and not of how often is sampled. */
async function said(bytes: Buffer, args: readonly string[] = []) {
  writeFileSync(inFolder('x.pcap'), bytes);
  const { code, stderr } = await replayHere(['-r', inFolder('x.pcap'), '--rate', '0', ...args]);
  const lines = stderr.split('\n').slice(1);
  const end = lines.findIndex((line) => / samples? of /.test(line));
  return { code, said: lines.slice(0, end), summary: lines.slice(end) };
}

const IP_HINT = 'pping reads at most four VLAN tags and eight MPLS labels';
const TCP_HINT = 'no TCP found inside them';
const LEFT_OUT = '--no-sequence excludes these';

test.each<[string, readonly Buffer[], string, ...string[]]>([
  ['only ARP', [arp()], 'no TCP header could be read in 1 packet: 1 ARP packet'],
  ['only UDP', [udp(), udp()], 'no TCP header could be read in 2 packets: 2 UDP packets'],
  [
    'only tunnels',
    [up({}, { protocol: 47 })],
    `no TCP header could be read in 1 packet: 1 GRE packet; ${TCP_HINT}`,
  ],
  [
    'only IPsec',
    [up({}, { protocol: 50 }), up({}, { protocol: 50 })],
    `no TCP header could be read in 2 packets: 2 IPsec packets; IPsec is encrypted`,
  ],
  [
    'only PPPoE that carries no IP',
    Array(36).fill(frame(0x8863, Buffer.alloc(46))),
    'no TCP header could be read in 36 packets: 36 PPPoE packets',
  ],
  [
    'more VLAN tags than are looked into',
    [up({}, { vlans: Array(9).fill(0x8100) }), udp()],
    `no TCP header could be read in 2 packets: 1 stacked-VLAN packet, 1 UDP packet; ${IP_HINT}`,
  ],
  [
    'only fragments',
    [fragment(), fragment(), fragment()],
    'no TCP header could be read in 3 packets: 3 fragments; only the first fragment of a packet has its TCP header',
  ],
  [
    'only malformed ones',
    [malformed(), malformed()],
    'no TCP header could be read in 2 packets: 2 malformed packets',
  ],
  [
    'mostly malformed ones',
    [malformed(), malformed(), up({ tsval: 1 })],
    '1 TCP header could be read in 3 packets: 2 malformed packets',
  ],
  ['only SYNs', [syn(), syn()], 'only 2 handshake packets: no connection got beyond its handshake'],
  [
    'a port scan',
    [syn(), reset()],
    'only 1 RST, 1 handshake packet: no connection got beyond its handshake',
  ],
  ['only RSTs', [reset(), reset()], 'only 2 RSTs'],
  [
    'no timestamps',
    [up(untimed), down(untimed)],
    `only 2 TCP packets without timestamps; ${LEFT_OUT}`,
    '--no-sequence',
  ],
  [
    'no timestamps behind a SYN that has one',
    [syn(), down({ ...untimed, flags: ['SYN', 'ACK'] }), up(untimed)],
    `only 2 TCP packets without timestamps, 1 handshake packet; ${LEFT_OUT}`,
    '--no-sequence',
  ],
  [
    'one packet',
    [up({ tsval: 1, tsecr: 1, payload: 10 })],
    'only one direction of each connection was captured (1 packet)',
  ],
  [
    'one direction, in mid-stream',
    requests(5),
    'only one direction of each connection was captured (5 packets)',
  ],
  [
    'one direction, of which it is known whose',
    requests(5),
    'only one direction of each connection was captured (5 packets: 5 egress, 0 ingress)',
    ...['--local', CLIENT.address],
  ],
  [
    "one direction, the client's from its SYN on",
    [syn(), ...requests(5)],
    'only one direction of each connection was captured (6 packets)',
  ],
  [
    'one direction, and what ends without it',
    [...requests(5), down({ flags: ['RST'] })],
    'apart from 1 RST, only one direction of each connection was captured (6 packets in all)',
  ],
  [
    'mid-stream, of one TSval in each direction',
    [up({ tsval: 1, tsecr: 1, payload: 10 }), down({ tsval: 1, tsecr: 1, payload: 10 })],
    '2 data packets, none known to be new: in mid-stream, the first in each direction is not',
  ],
  [
    'ACKs only',
    [up({ tsval: 1, tsecr: 1 }), down({ tsval: 1, tsecr: 1 }), up({ tsval: 2, tsecr: 1 }), udp()],
    'only 3 pure ACKs, 1 UDP packet',
  ],
  [
    'no answer to what was asked',
    [up({ tsval: 1, tsecr: 1 }), down({ tsval: 1, tsecr: 1 }), ...requests(2)],
    '2 identifiers remembered, none answered',
  ],
  [
    'all filtered out',
    [...requests(2), reset(), arp()],
    'the filter matches none of 3 packets',
    ...['--host', '192.0.2.99'],
  ],
  [
    'all of another protocol',
    [...requests(2), reset(), arp()],
    'none of 4 packets is ICMP echo: 3 TCP packets, 1 ARP packet; --protocol icmp,tcp measures them',
    ...['--protocol', 'icmp'],
  ],
])('%s', async (_, frames, reason, ...args) => {
  const { code, said: lines } = await said(pcap(timed(frames)), args);
  expect(lines).toEqual([`no RTT in this capture: ${reason}`]);
  expect(code).toBe(0);
});

test('cut off before its TCP header', async () => {
  const packets = conversation(1).map((packet) => ({ ...packet, captured: 54 }));
  expect((await said(pcap(packets))).said).toEqual([
    'no RTT in this capture: no TCP header could be read in 4 packets: 4 cut-off packets' +
      '; the snap length of the capture is too short (tcpdump -s 128 is enough)',
  ]);
});

test('no packets', async () => {
  expect((await said(pcap([]))).said).toEqual([`${inFolder('x.pcap')} has no packets`]);
});

test('no packets but some that cannot be read: nobody claims that there are none', async () => {
  const ng = new Pcapng();
  const ended = await said(Buffer.concat([ng.section(), ng.interface(), ng.simplePacket(syn())]));
  expect(ended.said).toEqual(['1 packet left out: no timestamp (simple packet blocks)']);
  expect(ended.summary.at(-2)).toMatch(/^pping: nothing in .* is readable$/);
});

test('no packets but some without a time: nobody claims that there are none', async () => {
  const ng = new Pcapng();
  const blocks = [ng.section(), ng.interface(), ng.packet(0, 2n ** 64n - 1n, syn())];
  const ended = await said(Buffer.concat(blocks));
  expect(ended.said).toEqual(['1 packet left out: dated before 1970 or far in the future']);
  expect(ended.summary.at(-2)).toMatch(/^pping: nothing in .* is readable$/);
  expect(ended.code).toBe(1);
});

test('what was not read to its end is not spoken of as a whole', async () => {
  const whole = pcap(timed([arp(), arp()]));
  const reason = 'no TCP header could be read in 1 packet: 1 ARP packet';
  const cut = await said(whole.subarray(0, whole.length - 1));
  expect(cut.said).toEqual([`no RTT in the part of this capture that was read: ${reason}`]);
  expect(cut.code).toBe(1);
  expect((await said(whole, ['-s', '0.0005'])).said).toEqual(cut.said);
  const none = await said(whole.subarray(0, 24 + 16 + 1));
  expect(none.said).toEqual(['no packets read']);
});
