/** IEEE 802.11: data frames of all shapes, with all headers in front of them, and what is no data. */
import { describe, expect, test } from '@jest/globals';
import { CLIENT6, SERVER6 } from '../../lab/kernel/ends.js';
import { BASE, conversation, replayBytes } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import {
  avsHeader,
  LLC,
  ppiHeader,
  prismHeader,
  radiotapHeader,
  WIFI_QOS_DATA,
  wifiHeader,
} from '../helpers/packets/wrappers.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const [WIFI, PRISM, RADIOTAP, AVS, PPI] = [105, 119, 127, 163, 192];
const [TO, FROM, BOTH, PROTECTED, ORDER] = [1, 2, 3, 0x40, 0x80];
const FCS = Buffer.from([1, 2, 3, 4]);
const [HAS_FLAGS, HAS_TIME_AND_FLAGS, GOES_ON] = [2, 3, 2 ** 31];
const [PADDED, BAD_FCS] = [0x20, 0x40];
const TIME = Array(8).fill(0xff);

const replay = (linkType: number, frames: readonly Buffer[]) =>
  replayBytes(
    pcap(
      frames.map((frame, index) => ({ time: BASE + BigInt(index) * 1_000_000n, frame })),
      { linkType },
    ),
    inFolder('x.pcap'),
  );

/** A conversation of two requests over IPv4 or IPv6, with something in front of each packet, and behind. */
function frames(before: Buffer, ipv6 = false, behind = Buffer.alloc(0)): Buffer[] {
  const type = Buffer.from(ipv6 ? [0x86, 0xdd] : [8, 0]);
  const ends = ipv6 ? ([CLIENT6, SERVER6] as const) : undefined;
  return conversation(2, { ethernet: false }, ends).map(({ frame }) =>
    Buffer.concat([before, type, frame, behind]),
  );
}

const over = (...parts: Buffer[]) => Buffer.concat([...parts, LLC]);
const qos = (flags: number, field = 0) => wifiHeader({ control: WIFI_QOS_DATA, flags, qos: field });

const READ: [string, number, Buffer][] = [
  ['data to an access point', WIFI, over(wifiHeader({ flags: TO }))],
  ['data from an access point', WIFI, over(wifiHeader({ flags: FROM }))],
  ['data between two stations', WIFI, over(wifiHeader({ flags: 0 }))],
  ['data between two access points', WIFI, over(wifiHeader({ flags: BOTH }))],
  ['data with an acknowledgement', WIFI, over(wifiHeader({ control: 0x18 }))],
  ['QoS data', WIFI, over(qos(TO))],
  ['QoS data of four addresses', WIFI, over(qos(BOTH))],
  ['QoS data with an HT control field', WIFI, over(qos(TO | ORDER))],
  ['data whose order matters', WIFI, over(wifiHeader({ flags: TO | ORDER }))],
  ['sent again, with power management', WIFI, over(wifiHeader({ flags: TO | 0x38 }))],
  ['several packets in one: the first', WIFI, over(qos(FROM, 0x80), Buffer.alloc(14, 6))],
  [
    'the tunnel of IEEE 802.1H',
    WIFI,
    Buffer.concat([wifiHeader(), Buffer.from('aaaa030000f8', 'hex')]),
  ],
  ['radiotap', RADIOTAP, over(radiotapHeader([0], []), wifiHeader())],
  ['radiotap with flags', RADIOTAP, over(radiotapHeader([HAS_FLAGS], [0x10, 0]), wifiHeader())],
  [
    'radiotap with a time and flags, and padding',
    RADIOTAP,
    over(radiotapHeader([HAS_TIME_AND_FLAGS], [...TIME, PADDED]), qos(TO), Buffer.alloc(2)),
  ],
  [
    'radiotap that goes on, its time aligned, and padding',
    RADIOTAP,
    over(
      radiotapHeader([HAS_TIME_AND_FLAGS + GOES_ON, 0x40], [0, 0, 0, 0, ...TIME, PADDED]),
      qos(TO),
      Buffer.alloc(2),
    ),
  ],
  [
    'radiotap whose padding is none: a header of 24 bytes',
    RADIOTAP,
    over(radiotapHeader([HAS_FLAGS], [PADDED]), wifiHeader()),
  ],
  ['Prism', PRISM, over(prismHeader(), wifiHeader())],
  ['AVS under the number of Prism', PRISM, over(avsHeader(), wifiHeader())],
  ['AVS', AVS, over(avsHeader(), wifiHeader())],
  ['PPI', PPI, over(ppiHeader(WIFI, 24), qos(FROM))],
  ['PPI around radiotap', PPI, over(ppiHeader(RADIOTAP), radiotapHeader([0], []), qos(FROM))],
];

describe.each(READ)('%s', (_, linkType, before) => {
  test.each([
    [4, 'without', Buffer.alloc(0)],
    [4, 'with', FCS],
    [6, 'with', FCS],
  ])('over IPv%d, %s a check sequence', async (version, __, fcs) => {
    const { rtts, counters } = await replay(linkType, frames(before, version === 6, fcs));
    expect(rtts.map(({ ipVersion, rtt }) => [ipVersion, rtt])).toEqual([
      [version, 1_000_000],
      [version, 1_000_000],
    ]);
    expect(rtts[1]?.sentBytes).toBe(200);
    expect(counters).toMatchObject({ captured: 6, notIp: 0, malformed: 0 });
  });
});

test('a VLAN tag behind LLC', async () => {
  const before = over(wifiHeader());
  const tagged = Buffer.concat([before, Buffer.from([0x81, 0, 0, 5])]);
  const { events, counters } = await replay(WIFI, frames(tagged));
  expect(counters).toMatchObject({ notIp: 0, malformed: 0 });
  expect(events.filter(({ type }) => type === 'rtt')).toHaveLength(2);
});

describe('what cannot be measured is counted as what it is', () => {
  const [data] = frames(over(wifiHeader()));
  const whole = data ?? Buffer.alloc(0);
  const first = (before: Buffer) => frames(before)[0] ?? Buffer.alloc(0);
  test.each<[string, string, number, Buffer]>([
    ['encrypted data', 'notIp', WIFI, first(over(wifiHeader({ flags: TO | PROTECTED })))],
    ['encrypted QoS data', 'notIp', WIFI, first(over(qos(TO | PROTECTED)))],
    ['a beacon', 'notIp', WIFI, first(over(wifiHeader({ control: 0x80, flags: 0 })))],
    ['an acknowledgement', 'notIp', WIFI, Buffer.from([0xd4, 0, 0, 0, 2, 2, 2, 2, 2, 2])],
    ['no data', 'notIp', WIFI, wifiHeader({ control: 0x48 })],
    ['no QoS data', 'notIp', WIFI, wifiHeader({ control: 0xc8 })],
    ['another version', 'notIp', WIFI, first(over(wifiHeader({ control: 0x09 })))],
    [
      'another LLC',
      'notIp',
      WIFI,
      Buffer.concat([wifiHeader(), Buffer.from('4242030000000800', 'hex')]),
    ],
    [
      'another organisation',
      'notIp',
      WIFI,
      Buffer.concat([wifiHeader(), Buffer.from('aaaa0300000c0800', 'hex')]),
    ],
    ['a later fragment', 'fragment', WIFI, first(over(wifiHeader({ fragment: 1 })))],
    [
      'a bad check sequence',
      'malformed',
      RADIOTAP,
      first(over(radiotapHeader([HAS_FLAGS], [BAD_FCS]), wifiHeader())),
    ],
    [
      'radiotap of another version',
      'malformed',
      RADIOTAP,
      Buffer.concat([Buffer.from([1, 0, 8, 0, 0, 0, 0, 0]), whole]),
    ],
    [
      'radiotap shorter than itself',
      'malformed',
      RADIOTAP,
      Buffer.concat([Buffer.from([0, 0, 7, 0, 0, 0, 0, 0]), whole]),
    ],
    [
      'radiotap that never ends',
      'truncated',
      RADIOTAP,
      Buffer.alloc(8 + 4 * 40, 0xff).fill(0, 0, 1),
    ],
    ['AVS of another version', 'malformed', AVS, Buffer.alloc(100)],
    [
      'AVS longer than the frame',
      'truncated',
      AVS,
      Buffer.concat([Buffer.from('80211001ffffffff', 'hex'), whole]),
    ],
    [
      'PPI of another version',
      'malformed',
      PPI,
      Buffer.concat([Buffer.from([1, 0, 8, 0, 105, 0, 0, 0]), whole]),
    ],
    [
      'PPI shorter than itself',
      'malformed',
      PPI,
      Buffer.concat([Buffer.from([0, 0, 7, 0, 105, 0, 0, 0]), whole]),
    ],
    ['PPI around USB', 'notIp', PPI, Buffer.concat([ppiHeader(189), whole])],
    ['PPI around what has no number', 'notIp', PPI, Buffer.concat([ppiHeader(0x7fffffff), whole])],
    [
      'PPI around PPI around PPI',
      'notIp',
      PPI,
      Buffer.concat([ppiHeader(PPI), ppiHeader(PPI), ppiHeader(WIFI), whole]),
    ],
  ])('%s', async (_, counter, linkType, frame) => {
    const { counters } = await replay(linkType, [frame]);
    expect(counters).toMatchObject({ captured: 1, [counter]: 1 });
  });

  test('the first fragment is: its length is what IP says', async () => {
    const cut = frames(over(wifiHeader({ flags: TO | 4 }))).map((frame) => frame.subarray(0, 88));
    expect((await replay(WIFI, cut)).rtts).toHaveLength(2);
  });
});

test.each(READ)('%s, cut off anywhere in its headers', async (_, linkType, before) => {
  const [frame = Buffer.alloc(0)] = frames(before);
  const headers = before.length + 2 + 20 + 32;
  const cuts = Array.from({ length: headers }, (__, captured) => ({ time: BASE, frame, captured }));
  const { counters } = await replayBytes(pcap(cuts, { linkType }), inFolder('x.pcap'));
  expect(counters).toMatchObject({ captured: headers, truncated: headers });
});
