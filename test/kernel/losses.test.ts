/** What shows that packets were lost: which data was sent again, which was overtaken, and what is neither. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CLIENT, Kernel, MILLISECOND, MINUTE, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import { type Segment, tcpFrame, timestampOption } from '../../lab/kernel/packets.js';
import type { FlowEvent, Losses } from '../../src/events/types.js';
import { Targets } from '../helpers/core/targets.js';
import { NO_LOSSES } from '../helpers/events/events.js';

/** The first flow's cookie. */
const FIRST = 1;
const BARE = { options: Buffer.alloc(0) };
/** One byte range that was received out of order (RFC 2018), after a timestamp. */
const withSack = (tsval: number, tsecr: number) => ({
  options: Buffer.concat([
    Buffer.from([1, 1]),
    timestampOption(tsval, tsecr),
    Buffer.from([1, 1, 5, 10, 0, 0, 4, 0, 0, 0, 5, 0]),
  ]),
});

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n });
});
afterEach(() => kernel.close());

const sends = (ms: number, segment: Segment) =>
  kernel.at(BigInt(ms) * MILLISECOND).egress(CLIENT, SERVER, segment);
const answers = (ms: number, segment: Segment) =>
  kernel.at(BigInt(ms) * MILLISECOND).ingress(SERVER, CLIENT, segment);

/** An RTT of 20 ms; the client's next is 1000, the server's 1. Its TSvals are milliseconds. */
function shakeHands(bare = false): void {
  const of = (tsval: number, tsecr: number) => (bare ? BARE : { tsval, tsecr });
  sends(100, { flags: ['SYN'], seq: 999, ...of(100, 0) });
  answers(120, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, ...of(7_120, 100) });
  sends(120, { seq: 1000, ack: 1, ...of(120, 7_120) });
}

/** Data of the client's: 100 bytes unless told otherwise, with the millisecond as its TSval. */
const data = (ms: number, seq: number, more: Segment = {}) =>
  sends(ms, { seq, ack: 1, payload: 100, tsval: ms, tsecr: 7_120, ...more });
const bareData = (ms: number, seq: number, more: Segment = {}) =>
  data(ms, seq, { ...BARE, ...more });

/** What is told at the end of each direction's; the client has opened the connection. */
function told(ms: number): { client: Partial<Losses>; server: Partial<Losses> } {
  kernel.events();
  sends(ms, { flags: ['RST'], seq: nextOf(), ...BARE });
  const closing = kernel.events().find((event): event is FlowEvent => event.type === 'flow');
  return { client: closing?.recLosses ?? {}, server: closing?.sentLosses ?? {} };
}

let next = 0;
const nextOf = () => next;

describe('data that was seen before', () => {
  beforeEach(() => shakeHands());

  test('was sent again: it was lost beyond us, or its acknowledgement was', () => {
    data(200, 1000);
    data(201, 1100);
    data(450, 1000);
    next = 1200;
    expect(told(500)).toEqual({
      client: { ...NO_LOSSES, retransmittedPackets: 1, retransmittedBytes: 100 },
      server: NO_LOSSES,
    });
    expect(kernel.counters()).toMatchObject({
      retransmitted: 1,
      retransmittedPackets: 1,
      retransmittedBytes: 14 + 20 + 32 + 100,
      reorderedPackets: 0,
    });
  });

  test('is sent again in part: what goes on beyond the end is new', () => {
    data(200, 1000);
    data(450, 1000, { payload: 250 });
    next = 1250;
    expect(told(500).client).toMatchObject({ retransmittedPackets: 1, retransmittedBytes: 100 });
  });

  test('counts as the packets that it is on the wire, of which some may be new', () => {
    const merged = { seq: 1000, ack: 1, payload: 1000, tsval: 200, tsecr: 7_120 };
    kernel.at(200n * MILLISECOND).show('egress', tcpFrame(CLIENT, SERVER, merged), 10);
    kernel
      .at(450n * MILLISECOND)
      .show('egress', tcpFrame(CLIENT, SERVER, { ...merged, seq: 1500, tsval: 450 }), 10);
    next = 2500;
    expect(told(500).client).toMatchObject({ retransmittedPackets: 5, retransmittedBytes: 500 });
  });

  test('all of it, as after a timeout (go-back-N)', () => {
    for (let n = 0; n < 10; n++) data(200, 1000 + 100 * n);
    for (let n = 2; n < 10; n++) data(450, 1000 + 100 * n);
    next = 2000;
    expect(told(500).client).toMatchObject({ retransmittedPackets: 8, retransmittedBytes: 800 });
  });

  test('and a FIN, which takes a sequence number', () => {
    data(200, 1000);
    data(201, 1100, { payload: 0, flags: ['FIN', 'ACK'] });
    data(450, 1100, { payload: 0, flags: ['FIN', 'ACK'] });
    expect(kernel.counters()).toMatchObject({ retransmittedPackets: 1 });
  });

  test('is counted for RTTs, too, seen from the responder', () => {
    data(200, 1000);
    data(250, 1000);
    data(300, 1100);
    answers(320, { seq: 1, ack: 1200, tsval: 7_320, tsecr: 300 });
    expect(kernel.rtts().at(-1)).toMatchObject({
      sentLosses: { retransmittedPackets: 1, retransmittedBytes: 100 },
      recLosses: NO_LOSSES,
    });
  });

  test('at another hook is the same packet on its way through a router', () => {
    data(200, 1000);
    kernel.ingress(CLIENT, SERVER, { seq: 1000, ack: 1, payload: 100, tsval: 200, tsecr: 7_120 });
    next = 1100;
    expect(told(500).client).toEqual(NO_LOSSES);
  });
});

describe('data that fills a gap', () => {
  beforeEach(() => shakeHands());

  test('with a newer TSval was sent again: it was lost before us', () => {
    data(200, 1000);
    data(201, 1200);
    data(225, 1100);
    next = 1300;
    expect(told(500).client).toEqual({
      ...NO_LOSSES,
      retransmittedPackets: 1,
      retransmittedBytes: 100,
    });
  });

  test('with an older TSval was overtaken, however late it comes', () => {
    data(200, 1000);
    data(202, 1200);
    data(300, 1100, { tsval: 201 });
    next = 1300;
    expect(told(500).client).toEqual({ ...NO_LOSSES, reorderedPackets: 1 });
  });

  test('with the same TSval was overtaken within half a round trip, and later sent again', () => {
    for (const [at, late] of [
      [200, 9],
      [300, 11],
    ] as const) {
      data(at, at * 10 - 1000);
      data(at, at * 10 - 800);
      data(at + late, at * 10 - 900, { tsval: at });
      if (at === 200) data(250, 1300, { payload: 700 });
    }
    next = 2300;
    expect(told(500).client).toMatchObject({ reorderedPackets: 1, retransmittedPackets: 1 });
  });

  test('may do so twice: the second time it was seen before', () => {
    data(200, 1000);
    data(202, 1200);
    data(203, 1100, { tsval: 201 });
    data(204, 1100, { tsval: 201 });
    next = 1300;
    expect(told(500).client).toMatchObject({ reorderedPackets: 1, retransmittedPackets: 1 });
  });

  test('from either of its ends, or its middle', () => {
    data(200, 1000);
    data(210, 1600);
    for (const seq of [1100, 1500, 1300, 1200, 1400]) data(211, seq, { tsval: 205 });
    next = 1700;
    expect(told(500).client).toMatchObject({ reorderedPackets: 5, retransmittedPackets: 0 });
  });

  test('is told apart in the last four gaps', () => {
    for (let n = 0; n < 6; n++) data(200 + 2 * n, 1000 + 200 * n);
    for (let n = 0; n < 5; n++) data(215, 1100 + 200 * n, { tsval: 201 });
    next = 2100;
    expect(told(500).client).toMatchObject({ reorderedPackets: 4, retransmittedPackets: 1 });
  });

  test('of a pure acknowledgement, too', () => {
    data(200, 1000);
    sends(202, { seq: 1200, ack: 1, tsval: 202, tsecr: 7_120 });
    data(203, 1100, { tsval: 201 });
    next = 1200;
    expect(told(500).client).toMatchObject({ reorderedPackets: 1, retransmittedPackets: 0 });
  });
});

describe('without timestamps', () => {
  beforeEach(() => shakeHands(true));

  test('what was seen before was sent again', () => {
    bareData(200, 1000);
    bareData(450, 1000);
    next = 1100;
    expect(told(500).client).toMatchObject({ retransmittedPackets: 1, retransmittedBytes: 100 });
  });

  test.each([
    [9, 'overtaken', { reorderedPackets: 1, retransmittedPackets: 0 }],
    [11, 'sent again', { reorderedPackets: 0, retransmittedPackets: 1 }],
  ])('what fills a gap after %i ms, of a round trip of 20, was %s', (late, _, expected) => {
    bareData(200, 1000);
    bareData(200, 1200);
    bareData(200 + late, 1100);
    next = 1300;
    expect(told(500).client).toMatchObject(expected);
  });
});

test('where no RTT is known, 3 ms tell', () => {
  kernel.egress(CLIENT, SERVER, { ...BARE, seq: 1000, ack: 1 });
  bareData(200, 1000);
  bareData(200, 1200);
  bareData(202, 1100);
  bareData(300, 1400);
  bareData(304, 1300);
  expect(kernel.counters()).toMatchObject({ reorderedPackets: 1, retransmittedPackets: 1 });
});

test('met in mid-stream, an older TSval before the first data was overtaken, a newer one sent again', () => {
  data(200, 1000);
  data(201, 900, { tsval: 199 });
  data(230, 800);
  expect(kernel.counters()).toMatchObject({ reorderedPackets: 1, retransmittedPackets: 1 });
});

describe('what asks only whether the other end is there', () => {
  beforeEach(() => shakeHands());

  test.each([
    ['keep-alives', [0, 0]],
    ['keep-alives with a byte', [1, 1]],
  ])('%s are not sent again', (_, payloads) => {
    data(200, 1000);
    payloads.forEach((payload, n) => {
      data(1000 + n, 1099, { payload });
    });
    next = 1100;
    expect(told(2000).client).toEqual(NO_LOSSES);
  });

  test('nor are probes of a window of zero', () => {
    data(200, 1000);
    answers(220, { seq: 1, ack: 1100, tsval: 7_220, tsecr: 200, window: 0 });
    for (const ms of [400, 800, 1600]) {
      data(ms, 1100, { payload: 1 });
      answers(ms + 20, { seq: 1, ack: 1100, tsval: 7_000 + ms, tsecr: 200, window: 0 });
    }
    next = 1101;
    expect(told(2000)).toEqual({ client: NO_LOSSES, server: { ...NO_LOSSES, zeroWindows: 4 } });
    expect(kernel.counters()).toMatchObject({ zeroWindows: 4 });
  });
});

describe('handshakes', () => {
  test('that were sent again count, of both ends', () => {
    sends(100, { flags: ['SYN'], seq: 999, tsval: 100, tsecr: 0 });
    sends(1100, { flags: ['SYN'], seq: 999, tsval: 1100, tsecr: 0 });
    sends(3100, { flags: ['SYN'], seq: 999, tsval: 3100, tsecr: 0 });
    const synAck: Segment = { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, tsecr: 3100 };
    answers(3120, { ...synAck, tsval: 1 });
    answers(4120, { ...synAck, tsval: 1001 });
    sends(4120, { seq: 1000, ack: 1, tsval: 4120, tsecr: 1001 });
    answers(5120, { ...synAck, tsval: 2001 });
    next = 1000;
    expect(told(6000)).toEqual({
      client: { ...NO_LOSSES, retransmittedPackets: 2 },
      server: { ...NO_LOSSES, retransmittedPackets: 2 },
    });
    expect(kernel.counters()).toMatchObject({ retransmittedPackets: 4 });
  });

  test('that pass both hooks of a router were sent once', () => {
    const syn: Segment = { flags: ['SYN'], seq: 999, tsval: 100, tsecr: 0 };
    kernel.ingress(CLIENT, SERVER, syn);
    kernel.egress(CLIENT, SERVER, syn);
    const synAck: Segment = { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, tsval: 1, tsecr: 100 };
    kernel.ingress(SERVER, CLIENT, synAck);
    kernel.egress(SERVER, CLIENT, synAck);
    kernel.ingress(CLIENT, SERVER, { seq: 1000, ack: 1, tsval: 120, tsecr: 1 });
    kernel.egress(CLIENT, SERVER, { seq: 1000, ack: 1, tsval: 120, tsecr: 1 });
    expect(kernel.counters()).toMatchObject({ retransmittedPackets: 0, duplicateAcks: 0 });
  });
});

describe('acknowledgements that come twice', () => {
  beforeEach(() => {
    shakeHands();
    for (let n = 0; n < 5; n++) data(200, 1000 + 100 * n);
    answers(220, { seq: 1, ack: 1100, tsval: 7_220, tsecr: 200 });
    next = 1500;
  });

  test('with what was received out of order are duplicate', () => {
    for (const n of [1, 2, 3]) answers(220 + n, { seq: 1, ack: 1100, ...withSack(7_220 + n, 200) });
    expect(told(500).server).toEqual({ ...NO_LOSSES, duplicateAcks: 3 });
    expect(kernel.counters()).toMatchObject({ duplicateAcks: 3 });
  });

  test('without are so from the second on: the first may tell of a window', () => {
    for (const n of [1, 2, 3]) answers(220 + n, { seq: 1, ack: 1100, tsval: 7_220, tsecr: 200 });
    expect(told(500).server).toMatchObject({ duplicateAcks: 2 });
  });

  test('with another window each time are none', () => {
    for (const n of [1, 2, 3]) {
      answers(220 + n, { seq: 1, ack: 1100, tsval: 7_220, tsecr: 200, window: 1000 + n });
    }
    expect(told(500).server).toMatchObject({ duplicateAcks: 0 });
  });

  test('are none where there is nothing to be acknowledged, nor with data', () => {
    for (const n of [1, 2]) answers(225, { seq: n, ack: 1100, payload: 1, ...withSack(n, 200) });
    for (const _ of [1, 2]) answers(230, { seq: 3, ack: 1500, ...withSack(7_230, 200) });
    expect(told(500).server).toMatchObject({ duplicateAcks: 0 });
  });
});

describe('an entry of the loss map', () => {
  test('goes with its flow, and another of the same ends begins with none', async () => {
    shakeHands();
    data(200, 1000);
    data(450, 1000);
    await kernel.at(10n * MINUTE).sweep();
    const closing = kernel.flowEvents().at(-1);
    expect(closing).toMatchObject({ change: 'closing', recLosses: { retransmittedPackets: 1 } });
    expect(kernel.hasLosses(FIRST)).toBe(false);
    sends(700_000, { flags: ['SYN'], seq: 4_999, tsval: 1, tsecr: 0 });
    answers(700_020, { flags: ['SYN', 'ACK'], seq: 0, ack: 5_000, tsval: 1, tsecr: 1 });
    sends(700_020, { seq: 5_000, ack: 1, tsval: 20, tsecr: 1 });
    next = 5_000;
    expect(told(700_030).client).toEqual(NO_LOSSES);
  });

  test('goes with a flow that another connection ends', () => {
    shakeHands();
    data(200, 1000);
    data(450, 1000);
    expect(kernel.hasLosses(FIRST)).toBe(true);
    const at = 20 * 1000;
    sends(at, { flags: ['SYN'], seq: 900_000_000, tsval: at, tsecr: 0 });
    answers(at + 20, { flags: ['SYN', 'ACK'], seq: 5, ack: 900_000_001, tsval: 9, tsecr: at });
    expect(kernel.flowEvents().at(-1)).toMatchObject({
      reason: 'SYN',
      recLosses: { retransmittedPackets: 1 },
    });
    expect(kernel.hasLosses(FIRST)).toBe(false);
  });

  test('is not made for flows that have lost nothing', () => {
    shakeHands();
    for (let n = 0; n < 5; n++) data(200 + n, 1000 + 100 * n);
    answers(220, { seq: 1, ack: 1500, tsval: 7_220, tsecr: 204 });
    expect(kernel.hasLosses(FIRST)).toBe(false);
  });
});

test('what a segment that is not believed brings is no loss', () => {
  shakeHands();
  data(200, 1000);
  answers(220, { seq: 1, ack: 1100, tsval: 7_220, tsecr: 200 });
  data(230, 1000, { tsval: 2 ** 31 });
  expect(kernel.counters()).toMatchObject({ implausibleTsval: 1, retransmittedPackets: 0 });
});

test('what comes after the end is no loss', () => {
  shakeHands();
  data(200, 1000, { flags: ['FIN', 'ACK'] });
  answers(220, { seq: 1, ack: 1101, tsval: 7_220, tsecr: 200, flags: ['FIN', 'ACK'] });
  data(300, 1000, { flags: ['FIN', 'ACK'] });
  expect(kernel.counters()).toMatchObject({ lingering: 1, retransmittedPackets: 0 });
});

test('a clock that wraps around between a gap and what fills it does not matter', () => {
  shakeHands(true);
  // In units of 1,024 ns, 32 bits are 4,398 s.
  const wrap = 4_398_046;
  bareData(wrap - 1_001_000, 1000);
  const before = wrap - 1_000_001;
  bareData(before, 1200);
  bareData(before + 2, 1100);
  expect(kernel.now / SECOND).toBeGreaterThan(4_390n);
  expect(kernel.counters()).toMatchObject({ reorderedPackets: 1, retransmittedPackets: 0 });
});

// A replay's loss map is as large as its flow map.
test('without room for a flow, its losses are counted of all flows only, and that is counted, too', () => {
  const small = new Kernel({ rate: 0n }, 'ethernet', { losses: 1 });
  try {
    for (const port of [1, 2]) {
      for (const ms of [200n, 250n]) {
        const from = { ...CLIENT, port };
        small.at(ms * MILLISECOND).egress(from, SERVER, { seq: 1000, payload: 100, tsval: 1 });
      }
      small.ingress(SERVER, { ...CLIENT, port }, { ack: 1100, tsval: 1, tsecr: 1 });
      small.egress({ ...CLIENT, port }, SERVER, { seq: 1100, flags: ['RST'] });
    }
    const closings = small.flowEvents().filter(({ change }) => change === 'closing');
    expect(closings.map(({ recLosses }) => recLosses.retransmittedPackets)).toEqual([1, 0]);
    expect(small.counters()).toMatchObject({ retransmittedPackets: 2, lossMapFull: 1 });
  } finally {
    small.close();
  }
});
