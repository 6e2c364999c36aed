/** RTTs of QUIC's handshakes, on both targets. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type HookName,
  type Kernel,
  MILLISECOND,
  nanoseconds,
  SECOND,
  START,
} from '../../lab/kernel/kernel.js';
import type { Encapsulation } from '../../lab/kernel/packets.js';
import {
  coalesced,
  connectionId,
  GREASED_VERSION,
  LEAST_INITIAL,
  type LongHeader,
  longPacket,
  padded,
  quicFrame,
  shortPacket,
  VERSION,
  versionNegotiation,
} from '../../lab/kernel/quic-packets.js';
import { vxlan } from '../../lab/kernel/tunnels.js';
import { udpFrame } from '../../lab/kernel/udp-packets.js';
import { type Filter, NO_FILTER } from '../../src/sampling/filter.js';
import type { Settings } from '../../src/sampling/policy.js';
import { Targets } from '../helpers/core/targets.js';

const CLIENT = { address: '10.0.0.1', port: 50_000 };
const SERVER = { address: '10.0.0.2', port: 443 };
const CLIENT6 = { address: 'fd00::1', port: 50_000 };
const SERVER6 = { address: 'fd00::2', port: 443 };
const NONE = Buffer.alloc(0);
/** Ids: what the client makes up for the server, its own, the server's own, and that of a Retry. */
const FIRST = connectionId(1);
const MINE = connectionId(2);
const ITS = connectionId(3);
const RETRY = connectionId(4);
const FIRST_AGAIN = connectionId(5);
const MINE_AGAIN = connectionId(6);
const ITS_AGAIN = connectionId(7);
/** When nothing of the first handshake is waited for any more. */
const LATER = 10n * SECOND;
const QUIC: Filter = { ...NO_FILTER, protocols: ['quic'] };

let kernel: Kernel;
afterEach(() => kernel.close());

/** On a router, unless the settings say otherwise. */
function watch(settings: Partial<Settings> = {}, filter = QUIC): void {
  kernel = new Targets({ rate: 0n, includeLocal: true, ...settings }, 'ethernet', {}, filter);
}

/** A datagram of the client's leaves. */
function client(at: bigint, ...packets: Buffer[]): void {
  kernel.at(at).show('egress', quicFrame(CLIENT, SERVER, packets));
}

/** One of the server's comes in. */
function server(at: bigint, ...packets: Buffer[]): void {
  kernel.at(at).show('ingress', quicFrame(SERVER, CLIENT, packets));
}

type Ids = Pick<LongHeader, 'dcid' | 'scid' | 'version'>;
const initial = (dcid: Buffer, scid: Buffer, more: Partial<LongHeader> = {}) =>
  padded(longPacket({ type: 'initial', dcid, scid, ...more }));
const handshake = (dcid: Buffer, scid: Buffer) => longPacket({ type: 'handshake', dcid, scid });
const zeroRtt = (dcid: Buffer, scid: Buffer) =>
  longPacket({ type: 'zeroRtt', dcid, scid, payload: 1200 });
const retry = (dcid: Buffer, scid: Buffer, more: Ids = {}) =>
  longPacket({ type: 'retry', dcid, scid, token: Buffer.alloc(40, 1), ...more });
const acknowledging = (dcid: Buffer, scid: Buffer) =>
  longPacket({ type: 'initial', dcid, scid, payload: 30 });

const rtts = () => nanoseconds(kernel.rtts());
/** Each with the side of the interface that it is of. */
const sides = () =>
  kernel.rtts().map(({ rtt, matchOnEgress }) => [matchOnEgress ? 'behind' : 'beyond', rtt]);

/** What a client and a server say that have nothing out of the ordinary. */
function shakeHands(from = 0n): void {
  client(from, initial(FIRST, MINE));
  server(from + 1_000n, initial(MINE, ITS));
  client(from + 1_300n, initial(ITS, MINE));
}

describe('both ways, to the nanosecond', () => {
  test.each([
    ['version 1', VERSION.v1, CLIENT, SERVER],
    ['version 2', VERSION.v2, CLIENT, SERVER],
    ['IPv6', VERSION.v1, CLIENT6, SERVER6],
  ])('%s', (_, version, from, to) => {
    watch();
    const show = (at: bigint, hook: HookName, packet: Buffer) => {
      const ends = hook === 'egress' ? ([from, to] as const) : ([to, from] as const);
      kernel.at(at).show(hook, quicFrame(...ends, [packet]));
    };
    show(0n, 'egress', initial(FIRST, MINE, { version }));
    show(777n, 'ingress', initial(MINE, ITS, { version }));
    show(1_000n, 'egress', initial(ITS, MINE, { version }));
    const [opening, ...others] = kernel.events();
    expect(opening).toMatchObject({
      ...{ type: 'flow', change: 'opening', reason: 'Initial', protocol: 'QUIC' },
      ...{ srcPort: 50_000, destPort: 443, triggeredBy: 'src' },
    });
    const both = { type: 'rtt', by: 'connection_id', handshake: true, answer: 'handshake' };
    expect(others).toMatchObject([
      { ...both, rtt: 777, protocol: 'QUIC', srcPort: 443, matchOnEgress: false, sentPackets: 1 },
      { ...both, rtt: 223, protocol: 'QUIC', srcPort: 50_000, matchOnEgress: true, recPackets: 2 },
    ]);
    expect(kernel.counters()).toMatchObject({ handshake: 3, handshakeMatched: 2, matched: 0 });
  });
});

describe("the client's question", () => {
  test('is answered by a Handshake packet, too, where the Initial was lost', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(900n, handshake(MINE, ITS));
    expect(rtts()).toEqual([900n]);
  });

  test('is answered by what has its own id alone', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(100n, initial(connectionId(99), ITS));
    server(200n, initial(NONE, ITS));
    server(300n, shortPacket({ dcid: MINE }));
    server(400n, initial(MINE, ITS));
    expect(rtts()).toEqual([400n]);
  });

  test('of a client without an id of its own, by the 4-tuple', () => {
    watch();
    client(0n, initial(FIRST, NONE));
    server(400n, initial(NONE, ITS));
    client(600n, initial(ITS, NONE));
    expect(rtts()).toEqual([400n, 200n]);
  });

  test('in several datagrams is one: from its first', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    client(MILLISECOND, initial(FIRST, MINE));
    client(20n * MILLISECOND, initial(FIRST, MINE));
    server(30n * MILLISECOND, initial(MINE, ITS));
    expect(rtts()).toEqual([30n * MILLISECOND]);
  });

  test('sent again is ambiguous; what the server asks is not', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    client(21n * MILLISECOND, initial(FIRST, MINE));
    client(60n * MILLISECOND, initial(FIRST, MINE));
    server(61n * MILLISECOND, initial(MINE, ITS));
    client(63n * MILLISECOND, initial(ITS, MINE));
    expect(sides()).toEqual([['behind', 2_000_000]]);
  });

  test('seen at the other hook is the same packet', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    kernel.at(25n * MILLISECOND).show('ingress', quicFrame(CLIENT, SERVER, [initial(FIRST, MINE)]));
    server(30n * MILLISECOND, initial(MINE, ITS));
    expect(rtts()).toEqual([30n * MILLISECOND]);
  });

  test.each([
    ['0-RTT', () => zeroRtt(FIRST, MINE)],
    ['a Handshake packet', () => handshake(FIRST, MINE)],
    ['an Initial that no server takes', () => initial(FIRST, MINE).subarray(0, LEAST_INITIAL - 1)],
  ])('is not %s', (_, packet) => {
    watch();
    client(0n, packet());
    server(300n, initial(MINE, ITS));
    expect(rtts()).toEqual([]);
  });

  test('follows 0-RTT that has overtaken it', () => {
    watch();
    client(0n, zeroRtt(FIRST, MINE));
    client(10n, initial(FIRST, MINE));
    server(300n, initial(MINE, ITS));
    expect(rtts()).toEqual([290n]);
  });

  test('is not answered after the timeout', () => {
    watch({ timestampTimeout: SECOND });
    client(0n, initial(FIRST, MINE));
    server(1_001n * MILLISECOND, initial(MINE, ITS));
    expect(rtts()).toEqual([]);
  });
});

describe("the server's question", () => {
  test('is answered by a Handshake packet', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, coalesced(initial(MINE, ITS), handshake(MINE, ITS)));
    server(1_010n, handshake(MINE, ITS));
    client(1_500n, handshake(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 500n]);
  });

  test('is not answered by what has been sent before the client has seen it', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, ITS));
    client(1_100n, initial(FIRST, MINE));
    client(1_200n, zeroRtt(FIRST, MINE));
    client(1_300n, zeroRtt(ITS, MINE));
    client(1_400n, shortPacket({ dcid: ITS }));
    client(1_700n, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 700n]);
  });

  test('is answered once, and by the ids of the connection alone', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, ITS));
    client(1_100n, handshake(connectionId(99), MINE));
    client(1_200n, handshake(ITS, connectionId(99)));
    client(1_300n, initial(ITS, connectionId(99)));
    client(1_400n, handshake(ITS, MINE));
    client(1_500n, handshake(ITS, MINE));
    client(1_600n, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 400n]);
  });

  test('sent again is ambiguous, but not within its flight, nor what only follows', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, ITS));
    server(2_000n, initial(MINE, ITS));
    server(90n * MILLISECOND, handshake(MINE, ITS));
    client(91n * MILLISECOND, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 91n * MILLISECOND - 1_000n]);
    kernel.close();
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, ITS));
    server(90n * MILLISECOND, initial(MINE, ITS));
    client(91n * MILLISECOND, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n]);
  });

  test('is no Initial that only acknowledges: it need not be answered', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, acknowledging(MINE, ITS));
    client(50n * MILLISECOND, initial(ITS, MINE));
    server(80n * MILLISECOND, initial(MINE, ITS));
    client(80n * MILLISECOND + 100n, initial(ITS, MINE));
    client(80n * MILLISECOND + 900n, handshake(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 900n]);
  });

  test('where the server keeps the id that the client gave it, only a Handshake packet answers', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, FIRST));
    client(1_200n, initial(FIRST, MINE));
    client(1_700n, handshake(FIRST, MINE));
    expect(rtts()).toEqual([1_000n, 700n]);
  });

  test('a server may have no id of its own', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, NONE));
    client(1_200n, initial(NONE, MINE));
    expect(rtts()).toEqual([1_000n, 200n]);
  });

  test('of an end of this machine is left out, as its stack alone would be measured', () => {
    watch({ includeLocal: false });
    const local = { address: '127.0.0.1', port: 50_000 };
    const show = (at: bigint, hook: HookName, packet: Buffer) => {
      const ends = hook === 'egress' ? ([local, SERVER] as const) : ([SERVER, local] as const);
      kernel.at(at).show(hook, quicFrame(...ends, [packet], { toThisHost: true }));
    };
    show(0n, 'egress', initial(FIRST, MINE));
    show(1_000n, 'ingress', initial(MINE, ITS));
    show(1_200n, 'egress', initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n]);
    expect(kernel.counters()).toMatchObject({ handshakeMatched: 1 });
  });
});

describe('Retry', () => {
  test('is both an answer and a question', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    client(1_200n, initial(RETRY, MINE));
    server(2_300n, initial(MINE, ITS));
    client(2_700n, initial(ITS, MINE));
    expect(sides()).toEqual([
      ['beyond', 1_000],
      ['behind', 200],
      ['beyond', 1_100],
      ['behind', 400],
    ]);
  });

  test('of version 2 has the bits that an Initial has in version 1', () => {
    watch();
    const { v2: version } = VERSION;
    client(0n, initial(FIRST, MINE, { version }));
    server(1_000n, retry(MINE, RETRY, { version }));
    client(1_200n, initial(RETRY, MINE, { version }));
    expect(rtts()).toEqual([1_000n, 200n]);
  });

  test('one for each datagram: the client takes the first, or another', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    client(10n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    server(1_010n, retry(MINE, connectionId(44)));
    client(1_100n, initial(FIRST, MINE));
    client(1_200n, initial(connectionId(44), MINE));
    server(2_000n, initial(MINE, ITS));
    client(2_100n, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 800n, 100n]);
  });

  test('where the server keeps its id, only a Handshake packet answers', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    client(1_200n, initial(RETRY, MINE));
    server(2_300n, initial(MINE, RETRY));
    client(2_500n, initial(RETRY, MINE));
    client(2_700n, handshake(RETRY, MINE));
    expect(rtts()).toEqual([1_000n, 200n, 1_100n, 400n]);
  });

  test('sent again is ambiguous', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    server(50n * MILLISECOND, retry(MINE, RETRY));
    client(51n * MILLISECOND, initial(RETRY, MINE));
    server(52n * MILLISECOND, initial(MINE, ITS));
    expect(rtts()).toEqual([1_000n, MILLISECOND]);
  });

  test('with the id that the client chose is none', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(500n, retry(MINE, FIRST));
    server(1_000n, initial(MINE, ITS));
    expect(rtts()).toEqual([1_000n]);
  });

  test('after it another one changes nothing', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    client(1_200n, initial(RETRY, MINE));
    server(1_300n, retry(MINE, connectionId(44)));
    server(1_350n, retry(MINE, RETRY));
    server(1_400n, versionNegotiation({ dcid: MINE, scid: FIRST }));
    server(2_300n, initial(MINE, ITS));
    expect(rtts()).toEqual([1_000n, 200n, 1_100n]);
  });
});

describe('Version Negotiation', () => {
  test('answers, and the client begins anew', () => {
    watch();
    const { v2: version } = VERSION;
    client(0n, initial(FIRST, MINE, { version }));
    server(1_000n, versionNegotiation({ dcid: MINE, scid: FIRST }));
    server(1_010n, versionNegotiation({ dcid: MINE, scid: FIRST }));
    client(1_100n, initial(FIRST, MINE, { version }));
    client(1_500n, initial(FIRST_AGAIN, MINE_AGAIN));
    server(1_600n, versionNegotiation({ dcid: MINE, scid: FIRST }));
    server(2_600n, initial(MINE_AGAIN, ITS));
    client(2_700n, initial(ITS, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 1_100n, 100n]);
    expect(kernel.events()).toEqual([]);
  });

  test('of a version that is not read begins a flow, which the client goes on with', () => {
    watch();
    client(0n, initial(FIRST, MINE, { version: GREASED_VERSION }));
    server(1_000n, versionNegotiation({ dcid: MINE, scid: FIRST }));
    client(1_100n, initial(FIRST_AGAIN, MINE));
    server(2_600n, initial(MINE, ITS));
    client(2_700n, initial(ITS, MINE));
    expect(kernel.events()).toMatchObject([
      { change: 'opening', reason: 'first observed packet', srcPort: 50_000 },
      { rtt: 1_500 },
      { rtt: 100 },
    ]);
  });

  test('whose ids are others is none', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(100n, versionNegotiation({ dcid: MINE, scid: ITS }));
    server(200n, versionNegotiation({ dcid: FIRST, scid: MINE }));
    server(1_000n, initial(MINE, ITS));
    expect(rtts()).toEqual([1_000n]);
  });

  test('its first byte means only that its header is long', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(100n, versionNegotiation({ dcid: MINE, scid: FIRST, unused: 0 }));
    expect(rtts()).toEqual([100n]);
  });
});

/** A connection on the ports of another, which its client answers 500 ns after the server. */
function beginAgain(from: bigint): void {
  client(from, initial(FIRST_AGAIN, MINE_AGAIN));
  server(from + 2_000n, initial(MINE_AGAIN, ITS_AGAIN));
  client(from + 2_500n, initial(ITS_AGAIN, MINE_AGAIN));
}

describe('another connection on the same ports', () => {
  test('ends none before its client has the id that the server has told it: anyone can send an Initial', () => {
    watch();
    shakeHands();
    kernel.events();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2_000n, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 300n * MILLISECOND, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 600n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + SECOND, handshake(FIRST_AGAIN, MINE_AGAIN));
    client(LATER + SECOND, handshake(ITS_AGAIN, MINE));
    client(LATER + SECOND, zeroRtt(ITS_AGAIN, MINE_AGAIN));
    client(LATER + SECOND, initial(connectionId(99), MINE_AGAIN));
    expect(kernel.events()).toEqual([]);
  });

  test('ends none during its handshake either', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, ITS));
    client(1_100n, initial(FIRST_AGAIN, MINE_AGAIN));
    server(1_200n, initial(MINE_AGAIN, ITS_AGAIN));
    client(1_300n, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 300n]);
    expect(kernel.events()).toEqual([]);
  });

  test.each([
    ['the id that the client has made up', FIRST_AGAIN],
    ['no id', NONE],
  ])('nor where the server has %s: who forges an Initial knows that', (_, its) => {
    watch();
    shakeHands();
    kernel.events();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2_000n, initial(MINE_AGAIN, its));
    client(LATER + 2_500n, initial(its, MINE_AGAIN));
    client(LATER + 2_600n, handshake(its, MINE_AGAIN));
    expect(kernel.events()).toEqual([]);
  });

  test('is another flow, also where the server still talks to the first', () => {
    watch();
    shakeHands();
    kernel.events();
    server(LATER - 100n, shortPacket({ dcid: MINE }));
    beginAgain(LATER);
    expect(kernel.events()).toMatchObject([
      { type: 'flow', change: 'closing', reason: 'Initial' },
      { type: 'flow', change: 'opening', reason: 'Initial' },
      { type: 'rtt', rtt: 2_000, timestamp: START + LATER + 2_000n },
      { type: 'rtt', rtt: 500, timestamp: START + LATER + 2_500n },
    ]);
  });

  test.each([
    [40, false],
    [39, true],
  ])('is one only where there is room for it: %d others of 64', (others, isAnother) => {
    kernel = new Targets({ rate: 0n, includeLocal: true }, 'ethernet', { flows: 64 }, QUIC);
    shakeHands();
    for (let port = 1_000; port < 1_000 + others; port++) {
      kernel.at(2_000n).show('egress', quicFrame({ ...CLIENT, port }, SERVER, [shortPacket()]));
    }
    kernel.events();
    beginAgain(LATER);
    expect(kernel.events().length).toBe(isAnother ? 4 : 0);
    expect(kernel.counters()).toMatchObject({ flowMapFull: 0 });
    client(LATER + 3_000n, shortPacket({ dcid: ITS }));
    expect(kernel.counters()).toMatchObject({ flowMapFull: 0, noSpin: others + 1 });
  });

  test('has no RTT that took longer than is waited for', () => {
    watch({ timestampTimeout: SECOND });
    shakeHands();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 1_001n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 2_002n * MILLISECOND, initial(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n]);
  });

  test('nor one that 32 bits of nanoseconds cannot tell from a shorter one', () => {
    watch({ timestampTimeout: 60n * SECOND });
    shakeHands();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 4_300n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 8_600n * MILLISECOND, initial(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n]);
  });

  test('has none of what either end has sent again', () => {
    watch();
    shakeHands();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    client(LATER + MILLISECOND, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    server(LATER + 30n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 31n * MILLISECOND, initial(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n, 2n * MILLISECOND]);
  });

  test('of an end of this machine has no RTT of that end', () => {
    watch({ includeLocal: false });
    const local = { address: '127.0.0.1', port: 50_000 };
    const show = (at: bigint, hook: HookName, packet: Buffer) => {
      const ends = hook === 'egress' ? ([local, SERVER] as const) : ([SERVER, local] as const);
      kernel.at(at).show(hook, quicFrame(...ends, [packet], { toThisHost: true }));
    };
    show(0n, 'egress', initial(FIRST, MINE));
    show(1_000n, 'ingress', initial(MINE, ITS));
    show(1_200n, 'egress', initial(ITS, MINE));
    show(LATER, 'egress', initial(FIRST_AGAIN, MINE_AGAIN));
    show(LATER + 2_000n, 'ingress', retry(MINE_AGAIN, RETRY));
    show(LATER + 2_500n, 'egress', initial(RETRY, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 2_000n]);
  });

  test('whose server has acknowledged first has that RTT alone', () => {
    watch();
    shakeHands();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2_000n, acknowledging(MINE_AGAIN, ITS_AGAIN));
    server(LATER + 2_100n, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 2_500n, initial(ITS_AGAIN, MINE_AGAIN));
    server(LATER + 600n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 601n * MILLISECOND, handshake(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n, 2_000n]);
  });

  test('is another flow, once its client has shown that it has the id of the answer', () => {
    watch();
    shakeHands();
    client(1_400n, shortPacket({ dcid: ITS }));
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2_000n, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 2_500n, initial(ITS_AGAIN, MINE_AGAIN));
    const events = kernel.events();
    expect(events).toMatchObject([
      { type: 'flow', change: 'opening', reason: 'Initial' },
      { type: 'rtt', rtt: 1_000 },
      { type: 'rtt', rtt: 300 },
      { type: 'flow', change: 'closing', reason: 'Initial', triggeredBy: 'src' },
      { type: 'flow', change: 'opening', reason: 'Initial' },
      { type: 'rtt', rtt: 2_000 },
      { type: 'rtt', rtt: 500 },
    ]);
    const ids = events.map(({ type, ...event }) => 'flowId' in event && event.flowId);
    expect(new Set(ids.slice(0, 4)).size).toBe(1);
    expect(new Set(ids.slice(4)).size).toBe(1);
    expect(ids[0]).not.toBe(ids[4]);
  });

  test('answered by a Retry', () => {
    watch();
    shakeHands();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2_000n, retry(MINE_AGAIN, RETRY));
    client(LATER + 2_100n, handshake(RETRY, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n]);
    client(LATER + 2_500n, initial(RETRY, MINE_AGAIN));
    server(LATER + 3_100n, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 3_800n, initial(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([2_000n, 500n, 600n, 700n]);
  });

  test('answered by a Handshake packet, which asks nothing', () => {
    watch();
    shakeHands();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 2_000n, handshake(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 2_500n, handshake(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n, 2_000n]);
  });

  test('answered by Version Negotiation is none; its client begins anew', () => {
    watch();
    shakeHands();
    client(LATER, initial(connectionId(8), MINE_AGAIN, { version: VERSION.v2 }));
    server(LATER + 2_000n, versionNegotiation({ dcid: MINE_AGAIN, scid: connectionId(8) }));
    beginAgain(LATER + 3_000n);
    expect(rtts()).toEqual([1_000n, 300n, 2_000n, 500n]);
  });

  test('of clients without ids', () => {
    watch();
    client(0n, initial(FIRST, NONE));
    server(1_000n, initial(NONE, ITS));
    client(SECOND, initial(FIRST_AGAIN, NONE));
    server(SECOND + 100n, handshake(NONE, ITS));
    server(SECOND + 2_000n, initial(NONE, ITS_AGAIN));
    client(SECOND + 2_100n, initial(ITS, NONE));
    expect(rtts()).toEqual([1_000n, SECOND + 1_100n]);
    client(SECOND + 2_300n, initial(ITS_AGAIN, NONE));
    expect(rtts()).toEqual([2_000n, 300n]);
  });

  test('that nothing answers ends nothing', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, initial(MINE, ITS));
    client(1_100n, initial(FIRST_AGAIN, MINE_AGAIN));
    server(1_200n, initial(connectionId(99), ITS_AGAIN));
    server(1_250n, versionNegotiation({ dcid: MINE_AGAIN, scid: FIRST }));
    client(1_300n, initial(ITS, MINE));
    expect(rtts()).toEqual([1_000n, 300n]);
  });

  test('sent again is ambiguous, and still another flow', () => {
    watch();
    shakeHands();
    kernel.events();
    client(LATER, initial(FIRST_AGAIN, MINE_AGAIN));
    client(LATER + 300n * MILLISECOND, initial(FIRST_AGAIN, MINE_AGAIN));
    server(LATER + 301n * MILLISECOND, initial(MINE_AGAIN, ITS_AGAIN));
    client(LATER + 302n * MILLISECOND, initial(ITS_AGAIN, MINE_AGAIN));
    expect(kernel.events()).toMatchObject([
      { type: 'flow', change: 'closing' },
      { type: 'flow', change: 'opening' },
      { type: 'rtt', rtt: 1_000_000 },
    ]);
  });

  test('two at once: which is answered, and since when it was asked, is not known', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    client(SECOND, initial(FIRST_AGAIN, MINE_AGAIN));
    client(2n * SECOND, initial(FIRST, MINE));
    server(2n * SECOND + 100n, initial(MINE, ITS));
    client(2n * SECOND + 200n, initial(ITS, MINE));
    server(2n * SECOND + 300n, handshake(MINE, ITS));
    expect(rtts()).toEqual([]);
    client(20n * SECOND, initial(connectionId(8), MINE));
    server(20n * SECOND + 100n, initial(MINE, ITS_AGAIN));
    expect(rtts()).toEqual([100n]);
  });

  test('two beside one that is there', () => {
    watch();
    shakeHands();
    client(SECOND, initial(FIRST_AGAIN, MINE_AGAIN));
    client(SECOND + 10n, initial(connectionId(8), connectionId(9)));
    client(SECOND + 20n, initial(FIRST_AGAIN, MINE_AGAIN));
    server(SECOND + 30n, initial(MINE_AGAIN, ITS_AGAIN));
    expect(rtts()).toEqual([1_000n, 300n]);
    client(20n * SECOND, initial(connectionId(8), MINE));
    server(20n * SECOND + 100n, initial(MINE, ITS_AGAIN));
    client(20n * SECOND + 500n, initial(ITS_AGAIN, MINE));
    expect(rtts()).toEqual([100n, 400n]);
  });
});

describe('another that begins before the server has told its own id', () => {
  const RIVAL = initial(connectionId(8), connectionId(9));

  test.each([
    ['of an id of its own', MINE],
    ['without', NONE],
  ])('after a Retry: which of the two is answered is not known; clients %s', (_, mine) => {
    watch();
    client(0n, initial(FIRST, mine));
    server(1_000n, retry(mine, RETRY));
    client(1_300n, initial(RETRY, mine));
    client(1_900n, initial(connectionId(8), mine));
    server(2_300n, initial(mine, ITS));
    client(2_400n, initial(ITS, mine));
    expect(rtts()).toEqual([1_000n, 300n]);
  });

  test('before the client has answered the Retry', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    client(1_100n, RIVAL);
    client(1_900n, initial(RETRY, MINE));
    server(2_100n, initial(connectionId(9), ITS));
    expect(rtts()).toEqual([1_000n]);
  });

  test('after Version Negotiation', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, versionNegotiation({ dcid: MINE, scid: FIRST }));
    client(1_100n, RIVAL);
    client(1_900n, initial(FIRST_AGAIN, MINE));
    server(2_100n, initial(connectionId(9), ITS));
    expect(rtts()).toEqual([1_000n]);
  });

  test('disputes no longer than questions wait', () => {
    watch();
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    client(1_100n, RIVAL);
    client(20n * SECOND, initial(FIRST_AGAIN, MINE_AGAIN));
    server(20n * SECOND + 700n, initial(MINE_AGAIN, ITS_AGAIN));
    client(20n * SECOND + 900n, initial(ITS_AGAIN, MINE_AGAIN));
    expect(rtts()).toEqual([1_000n, 700n, 200n]);
  });

  test.each([
    ['the first', () => initial(FIRST, NONE)],
    ['the one after a Retry', () => initial(RETRY, NONE)],
  ])('long after the beginning, and soon after %s was sent again', (_, again) => {
    watch();
    client(0n, initial(FIRST, NONE));
    const retried = again().equals(initial(RETRY, NONE));
    if (retried) server(1_000n, retry(NONE, RETRY));
    client(9n * SECOND, again());
    client(11n * SECOND, initial(connectionId(8), NONE));
    server(11n * SECOND + 100n, initial(NONE, ITS));
    expect(rtts()).toEqual(retried ? [1_000n, 9n * SECOND - 1_000n] : []);
  });
});

describe('met in mid-stream', () => {
  test('by short headers a flow opens, and has no handshake', () => {
    watch();
    client(0n, shortPacket());
    server(10n, shortPacket());
    expect(kernel.events()).toMatchObject([
      { type: 'flow', change: 'opening', reason: 'first observed packet', srcPort: 50_000 },
    ]);
  });

  test('is told of as such', async () => {
    watch();
    client(0n, shortPacket());
    server(10n, shortPacket());
    kernel.events();
    await kernel.at(400n * SECOND).sweep();
    expect(kernel.events()).toMatchObject([
      { change: 'closing', unmeasuredSrc: 'no spin', unmeasuredDest: 'no spin' },
    ]);
  });

  test('its client is the end without a port of QUIC, whoever was seen first', () => {
    watch();
    server(0n, shortPacket());
    client(10n, shortPacket());
    expect(kernel.events()).toMatchObject([{ type: 'flow', srcPort: 50_000, destPort: 443 }]);
  });

  test.each([
    ["from the server's first flight on", () => server(0n, initial(MINE, ITS))],
    ["from the client's answer on", () => undefined],
  ])('a handshake, %s, is not measured', (_, before) => {
    watch();
    before();
    client(100n, initial(ITS, MINE));
    server(150n, handshake(MINE, ITS));
    client(200n, handshake(ITS, MINE));
    expect(rtts()).toEqual([]);
  });

  test('another connection on its ports is', () => {
    watch();
    client(0n, shortPacket());
    server(10n, shortPacket());
    client(LATER, initial(FIRST, MINE));
    server(LATER + 100n, initial(MINE, ITS));
    client(LATER + 300n, initial(ITS, MINE));
    expect(rtts()).toEqual([100n, 200n]);
  });

  test('what the server sends again to another connection is known, whatever comes with its id', () => {
    watch();
    server(0n, retry(MINE, RETRY));
    client(1_000n, initial(RETRY, MINE));
    server(2_000n, initial(MINE, ITS));
    server(3_000n, initial(FIRST_AGAIN, ITS)); // of no connection
    server(25n * MILLISECOND, initial(MINE, ITS));
    client(30n * MILLISECOND, handshake(ITS, MINE));
    expect(sides()).toEqual([['beyond', 1_000]]);
  });
});

describe('settings', () => {
  test('without handshakes there are none', () => {
    watch({ handshake: false });
    shakeHands();
    beginAgain(LATER);
    expect(kernel.events()).toMatchObject([
      { change: 'opening' },
      { change: 'closing', unmeasuredSrc: 'nothing new', unmeasuredDest: 'nothing new' },
      { change: 'opening' },
    ]);
  });

  test('a report interval holds back what follows in it', async () => {
    watch({ reportInterval: SECOND });
    client(0n, initial(FIRST, MINE));
    server(1_000n, retry(MINE, RETRY));
    client(1_200n, initial(RETRY, MINE));
    server(2_300n, initial(MINE, ITS));
    expect(rtts()).toEqual([1_000n, 200n]);
    await kernel.at(3n * SECOND).sweep();
    expect(kernel.rtts()).toMatchObject([
      { rtt: 1_100, samples: 1, by: 'connection_id', handshake: true, answer: 'handshake' },
    ]);
  });

  test('another port is one of QUIC if it is named', () => {
    watch({}, { ...QUIC, udpPorts: { quic: [4433], dns: [] } });
    const show = (at: bigint, hook: HookName, port: number) => {
      const to = { ...SERVER, port };
      const ends = hook === 'egress' ? ([CLIENT, to] as const) : ([to, CLIENT] as const);
      const packet = hook === 'egress' ? initial(FIRST, MINE) : initial(MINE, ITS);
      kernel.at(at).show(hook, quicFrame(...ends, [packet]));
    };
    show(0n, 'egress', 4433);
    show(100n, 'ingress', 4433);
    show(0n, 'egress', 4434);
    show(100n, 'ingress', 4434);
    expect(rtts()).toEqual([100n]);
    expect(kernel.counters()).toMatchObject({ notTcp: 2 });
  });

  test('where it is not asked for it is counted, and that is all', () => {
    watch({}, NO_FILTER);
    shakeHands();
    expect(kernel.events()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ notTcp: 3, quic: 3, handshake: 0 });
  });
});

describe('a flow', () => {
  test('ends by its timeout: what closes it is encrypted', async () => {
    watch();
    shakeHands();
    kernel.events();
    await kernel.at(400n * SECOND).sweep();
    expect(kernel.events()).toMatchObject([
      { change: 'closing', reason: 'flow timeout', sentPackets: 1, recPackets: 2 },
    ]);
  });

  test('that is forgotten while its question waits asks none on coming again: the answer may be to the first', async () => {
    watch({ flowTimeout: SECOND / 2n });
    client(0n, initial(FIRST, MINE));
    expect(await kernel.at(SECOND).sweep()).toMatchObject({ flowsDeleted: 1 });
    client(SECOND + 1n, initial(FIRST, MINE));
    server(SECOND + 50n, initial(MINE, ITS));
    client(SECOND + 60n, initial(ITS, MINE));
    expect(rtts()).toEqual([]);
    const later = 13n * SECOND;
    expect(await kernel.at(later).sweep()).toMatchObject({ flowsDeleted: 1 });
    shakeHands(later);
    expect(rtts()).toEqual([1_000n, 300n]);
  });

  test.each([
    ['Initial', () => client(1n, initial(FIRST, MINE))],
    ['answer', () => server(1n, initial(MINE, ITS))],
  ])('whose first %s finds no room asks none on coming again, likewise', async (_, first) => {
    kernel = new Targets({ rate: 0n, includeLocal: true }, 'ethernet', { flows: 64 }, QUIC);
    for (let port = 1; port <= 64; port++) {
      const other = { ...CLIENT, port };
      kernel.at(0n).show('egress', quicFrame(other, SERVER, [initial(FIRST, MINE)]));
    }
    const { flowMapFull } = kernel.counters();
    first();
    expect(kernel.counters().flowMapFull).toBe(flowMapFull + 1);
    const again = 11n * (SECOND / 10n);
    await kernel.at(again).sweep();
    client(again + 1n, initial(FIRST, MINE));
    server(again + 50n, initial(MINE, ITS));
    client(again + 60n, initial(ITS, MINE));
    expect(rtts()).toEqual([]);
    expect(kernel.counters().flowMapFull).toBe(flowMapFull + 1);
  });

  test.each([
    ['without RTTs of handshakes', { handshake: false }, false],
    ['whose client is this machine', { includeLocal: false }, true],
  ])(
    '%s is as real as others: its client has shown that it got an answer',
    async (_, settings, toThisHost) => {
      watch(settings);
      client(0n, initial(FIRST, MINE));
      const flight = quicFrame(SERVER, CLIENT, [initial(MINE, ITS)], { toThisHost });
      kernel.at(1_000n).show('ingress', flight);
      expect(await kernel.sweep()).toMatchObject({ flowsUnassured: 1 });
      server(1_100n, shortPacket({ dcid: MINE }));
      client(1_300n, initial(ITS, MINE));
      expect(await kernel.sweep()).toMatchObject({ flows: 1, flowsUnassured: 0 });
    },
  );

  test('of one end only is told of by nothing, and forgotten', async () => {
    watch();
    client(0n, initial(FIRST, MINE));
    const swept = await kernel.at(31n * SECOND).sweep();
    expect(swept).toMatchObject({ flowsDeleted: 1 });
    expect(kernel.events()).toEqual([]);
  });

  test('is another after a migration', () => {
    watch();
    shakeHands();
    const moved = { ...CLIENT, port: 50_001 };
    kernel.at(2_000n).show('egress', quicFrame(moved, SERVER, [shortPacket()]));
    kernel.at(2_100n).show('ingress', quicFrame(SERVER, moved, [shortPacket()]));
    const flows = kernel.events().filter(({ type }) => type === 'flow');
    expect(flows).toMatchObject([
      { srcPort: 50_000, reason: 'Initial' },
      { srcPort: 50_001, reason: 'first observed packet' },
    ]);
  });
});

describe('what is around it', () => {
  test('a VLAN', () => {
    watch();
    const show = (at: bigint, hook: HookName, vlanIds: number[], packet: Buffer) => {
      const ends = hook === 'egress' ? ([CLIENT, SERVER] as const) : ([SERVER, CLIENT] as const);
      kernel.at(at).show(hook, quicFrame(...ends, [packet], { vlans: [0x8100], vlanIds }));
    };
    show(0n, 'egress', [7], initial(FIRST, MINE));
    show(50n, 'ingress', [8], initial(MINE, ITS));
    show(100n, 'ingress', [7], initial(MINE, ITS));
    expect(rtts()).toEqual([100n]);
  });

  test('a tunnel', () => {
    const watched = { linkLayer: 'ethernet', tunnels: true } as const;
    kernel = new Targets({ rate: 0n }, watched, {}, QUIC);
    const around: Encapsulation = { carriers: [vxlan()] };
    kernel.at(0n).show('egress', quicFrame(CLIENT, SERVER, [initial(FIRST, MINE)], around));
    kernel.at(300n).show('ingress', quicFrame(SERVER, CLIENT, [initial(MINE, ITS)], around));
    expect(rtts()).toEqual([300n]);
  });

  test('merged datagrams count as such, and show the first of them', () => {
    watch();
    const merged = (dcid: Buffer, scid: Buffer) => [initial(dcid, scid), initial(dcid, scid)];
    kernel.at(0n).show('egress', quicFrame(CLIENT, SERVER, merged(FIRST, MINE)), 2);
    kernel.at(100n).show('ingress', quicFrame(SERVER, CLIENT, merged(MINE, ITS)), 2);
    expect(kernel.rtts()).toMatchObject([{ rtt: 100, sentPackets: 2, recPackets: 2 }]);
  });
});

describe('what is no QUIC that can be read', () => {
  const frameOf = (payload: Buffer, length?: number) =>
    udpFrame(CLIENT, SERVER, payload, length === undefined ? {} : { length });
  const withLength = (at: number, value: number) => {
    const packet = Buffer.from(initial(FIRST, MINE));
    packet[at] = value;
    return packet;
  };
  test.each([
    ['a greased version', initial(FIRST, MINE, { version: GREASED_VERSION })],
    ['a draft', initial(FIRST, MINE, { version: 0xff00001d })],
    ['a short header without the fixed bit', shortPacket({ hasFixedBit: false })],
    ['an id of the server above 20 bytes', withLength(5, 21)],
    ["one of the client's", withLength(14, 21)],
    ['nothing behind the version', initial(FIRST, MINE).subarray(0, 5)],
    ['less than both ids', longPacket({ type: 'retry', dcid: FIRST, scid: MINE }).subarray(0, 22)],
    ['nothing at all', NONE],
  ])('%s', (_, packet) => {
    watch();
    kernel.show('egress', frameOf(packet));
    expect(kernel.events()).toEqual([]);
    const { notTcp, quic, udp } = kernel.counters();
    expect([notTcp, quic + udp]).toEqual([1, 1]);
  });

  test('ids as long as they may be, and a packet that ends behind them', () => {
    watch();
    const [dcid, scid] = [connectionId(1, 20), connectionId(2, 20)];
    client(0n, initial(dcid, scid));
    server(50n, longPacket({ type: 'retry', dcid: scid, scid: dcid }).subarray(0, 46));
    const negotiation = versionNegotiation({ dcid: scid, scid: dcid, versions: [] });
    expect(negotiation.length).toBe(47);
    server(100n, negotiation);
    expect(rtts()).toEqual([100n]);
  });

  test('long headers are known by their version, also without the fixed bit (RFC 9287)', () => {
    watch();
    client(0n, initial(FIRST, MINE, { hasFixedBit: false }));
    server(100n, initial(MINE, ITS, { hasFixedBit: false }));
    expect(rtts()).toEqual([100n]);
  });

  test('where the header of UDP ends sooner than IP, what follows is not read', () => {
    watch();
    kernel.at(0n).show('egress', frameOf(initial(FIRST, MINE), 8 + 20));
    expect(kernel.counters()).toMatchObject({ notTcp: 1 });
    kernel.at(0n).show('egress', frameOf(initial(FIRST, MINE), 7));
    expect(kernel.counters()).toMatchObject({ notTcp: 2 });
  });

  test('less than a header of UDP', () => {
    watch();
    const whole = frameOf(NONE);
    const cut = Buffer.from(whole.subarray(0, whole.length - 1));
    cut.writeUInt16BE(27, 16);
    kernel.show('egress', cut);
    expect(kernel.counters()).toMatchObject({ malformed: 1 });
  });
});
