/** RTTs of keep-alive probes (RFC 9293, 3.8.4): of connections that say nothing else. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  type Kernel,
  MILLISECOND,
  nanoseconds,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import type { Segment } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

const NO_OPTIONS = { options: Buffer.alloc(0) };
const RTT = 300n;
const WINDOW = 500;

let kernel: Kernel;
let isStamped: boolean;
/** What the client has sent, and the server. */
const NEXT = 1100;
const SERVER_NEXT = 501;

/** TSvals go by milliseconds; whose connection has none leaves them out. */
const stamped = (at: bigint, segment: Segment) =>
  isStamped ? { tsval: 1000 + Number(at / 1_000_000n), ...segment } : { ...NO_OPTIONS, ...segment };
const sends = (at: bigint, segment: Segment) =>
  kernel.at(at).egress(CLIENT, SERVER, { ack: SERVER_NEXT, ...stamped(at, segment) });
const says = (at: bigint, segment: Segment) =>
  kernel.at(at).ingress(SERVER, CLIENT, {
    seq: SERVER_NEXT,
    ack: NEXT,
    window: WINDOW,
    ...stamped(at, segment),
  });

/** As Linux does: what lies before the window changes no TS.Recent. */
const LATEST = { tsecr: 1000 };
const probe = (at: bigint, segment: Segment = {}) => sends(at, { seq: NEXT - 1, ...segment });
const answer = (at: bigint, segment: Segment = {}) => says(at, { ...LATEST, ...segment });
const rtts = () => nanoseconds(kernel.rtts());

/** A connection that has exchanged something, and goes idle. */
function begin(timestamps = true): void {
  isStamped = timestamps;
  kernel = new Targets({ rate: 0n });
  const at = 10n;
  sends(at, { flags: ['SYN'], seq: 999, ack: 0, tsval: 900, ...(timestamps ? {} : NO_OPTIONS) });
  says(at + RTT, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, tsecr: 900 });
  sends(at + RTT + 1n, { seq: 1000, ack: 1 });
  sends(at + RTT + 2n, { seq: 1000, ack: 1, payload: 100 });
  says(at + 2n * RTT + 2n, { seq: 1, ...LATEST, payload: 500 });
  sends(at + 2n * RTT + 3n, { seq: NEXT });
  kernel.rtts();
}

/** The first one, whose answer teaches what answers say. */
function teach(at: bigint): void {
  probe(at);
  answer(at + RTT);
}

afterEach(() => kernel.close());

describe.each([
  ['with timestamps', true],
  ['without', false],
])('%s', (_, timestamps) => {
  beforeEach(() => begin(timestamps));

  test('the second probe of a silence, and each after it, is measured by its answer', () => {
    const counted = kernel.counters();
    for (const n of [2n, 4n, 6n]) teach(n * SECOND);
    expect(kernel.rtts()).toMatchObject([
      { rtt: 300, by: 'sequence', keepAlive: true, handshake: false, matchOnEgress: false },
      { rtt: 300, by: 'sequence', keepAlive: true },
    ]);
    const { remembered, matched, ambiguous, pureAck } = kernel.counters();
    expect(remembered - counted.remembered).toBe(3);
    expect(matched - counted.matched).toBe(2);
    expect(ambiguous - counted.ambiguous).toBe(1);
    expect(pureAck - counted.pureAck).toBe(3);
  });

  test('of one byte likewise; that is no retransmission', () => {
    const { retransmitted } = kernel.counters();
    for (const n of [2n, 4n]) {
      probe(n * SECOND, { payload: 1 });
      answer(n * SECOND + RTT);
    }
    expect(rtts()).toEqual([RTT]);
    expect(kernel.counters()).toMatchObject({ retransmitted, retransmittedPackets: 0 });
  });

  test('not just after a RST that ends nothing: its answer would look the same (RFC 5961, 3.2)', () => {
    teach(2n * SECOND);
    sends(4n * SECOND - RTT / 2n, { flags: ['RST'], seq: NEXT + 1_000_000 });
    teach(4n * SECOND);
    teach(6n * SECOND);
    expect(rtts()).toEqual([]);
    for (const n of [20n, 22n]) teach(n * SECOND);
    expect(rtts()).toEqual([RTT]);
  });

  test('not where the answer may be a window update', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    answer(4n * SECOND + 20n, { window: WINDOW + 1 });
    answer(4n * SECOND + RTT);
    expect(rtts()).toEqual([]);
  });

  test('not where one before it was not answered, until data is or probes are ten seconds apart', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    for (const n of [5n, 7n, 9n]) teach(n * SECOND);
    expect(rtts()).toEqual([]);
    for (const n of [20n, 22n]) teach(n * SECOND);
    expect(rtts()).toEqual([]);
    teach(33n * SECOND);
    expect(rtts()).toEqual([RTT]);
  });

  test('not while the answer may be to a SYN on the same ports (RFC 5961, 4.2)', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    sends(4n * SECOND + RTT / 2n, { flags: ['SYN'], seq: NEXT + 1_000_000 });
    answer(4n * SECOND + RTT);
    teach(6n * SECOND);
    expect(rtts()).toEqual([]);
  });

  test('not where the other end has spoken just before', () => {
    teach(2n * SECOND);
    teach(2n * SECOND + 800_000_000n);
    expect(rtts()).toEqual([]);
    teach(2n * SECOND + 1_900_000_000n);
    expect(rtts()).toEqual([RTT]);
  });

  test('not where data comes before the answer', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    answer(4n * SECOND + 10n, { payload: 50 });
    answer(4n * SECOND + RTT, { seq: SERVER_NEXT + 50 });
    expect(rtts()).toEqual([]);
  });

  test('not where data was sent that nobody has acknowledged', () => {
    teach(2n * SECOND);
    sends(4n * SECOND, { seq: NEXT, payload: 1 });
    probe(6n * SECOND, { seq: NEXT });
    says(6n * SECOND + RTT, { ack: NEXT + 1, ...LATEST });
    expect(kernel.rtts().filter(({ keepAlive }) => keepAlive)).toEqual([]);
  });

  test('where both ends ask, the probe of the other is no answer', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    says(4n * SECOND + 20n, { ...LATEST, seq: SERVER_NEXT - 1 });
    sends(4n * SECOND + 21n, { seq: NEXT });
    answer(4n * SECOND + 2n * MILLISECOND);
    expect(rtts()).toEqual([2n * MILLISECOND]);
  });

  test('unless it comes long after, which shows that the answer was lost', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    says(4n * SECOND + 2n * MILLISECOND, { ...LATEST, seq: SERVER_NEXT - 1 });
    answer(4n * SECOND + 4n * MILLISECOND);
    expect(rtts()).toEqual([]);
  });

  test('both ends are measured', () => {
    const other = (at: bigint) => {
      says(at, { ...LATEST, seq: SERVER_NEXT - 1 });
      sends(at + 40n, { seq: NEXT });
    };
    kernel.set({ includeLocal: true });
    for (const n of [2n, 4n]) other(n * SECOND);
    expect(kernel.rtts()).toMatchObject([{ rtt: 40, keepAlive: true, matchOnEgress: true }]);
  });

  test('one that is not answered is unanswered, and not overdue', async () => {
    const { unanswered } = kernel.counters();
    probe(2n * SECOND);
    await kernel.at(13n * SECOND).sweep();
    expect(kernel.events()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ unanswered: unanswered + 1 });
  });

  test('the rate counts, and what it passes over is answered all the same', () => {
    kernel.set({ rate: 5n * SECOND });
    for (const n of [6n, 8n, 12n, 14n, 18n]) teach(n * SECOND);
    expect(kernel.rtts()).toMatchObject([{ rtt: 300 }, { rtt: 300 }]);
    expect(kernel.counters()).toMatchObject({ rateLimited: 2 });
  });
});

describe('with timestamps', () => {
  beforeEach(() => begin());

  test('the first is measured, too, where its TSval is echoed', () => {
    probe(2n * SECOND);
    answer(2n * SECOND + RTT, { tsecr: 3000 });
    expect(kernel.rtts()).toMatchObject([{ rtt: 300, by: 'timestamp', keepAlive: true }]);
  });

  test('an echo of anything else is none', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    answer(4n * SECOND + RTT, { tsecr: 4_999 });
    expect(rtts()).toEqual([]);
  });

  test('a probe with the TSval of a segment before it asks nothing', () => {
    const { remembered } = kernel.counters();
    probe(2n * SECOND, { tsval: 1000 });
    answer(2n * SECOND + RTT, { tsecr: 1000 });
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ remembered });
  });

  test('nor one with that of the SYN-ACK, which is answered meanwhile', () => {
    kernel = new Targets({ rate: 0n });
    kernel.at(10n).ingress(SERVER, CLIENT, { flags: ['SYN'], seq: 999, ack: 0, tsval: 900 });
    const synAck = { seq: 0, ack: 1000, tsval: 5000, tsecr: 900 };
    kernel.at(20n).egress(CLIENT, SERVER, { ...synAck, flags: ['SYN', 'ACK'] });
    const acknowledges = { seq: 1000, ack: 1, tsval: 901, tsecr: 5000 };
    kernel.at(60n).ingress(SERVER, CLIENT, acknowledges);
    kernel.at(70n).egress(CLIENT, SERVER, synAck);
    kernel.at(80n).ingress(SERVER, CLIENT, acknowledges);
    expect(kernel.rtts()).toMatchObject([{ rtt: 10 }, { rtt: 40 }]);
  });

  test('one after another is told by its echo alone', () => {
    for (const n of [2n, 3n]) probe(n * SECOND);
    answer(3n * SECOND + 50n, { tsecr: 3000 });
    expect(rtts()).toEqual([]);
    probe(4n * SECOND);
    answer(4n * SECOND + RTT, { tsecr: 5000 });
    expect(rtts()).toEqual([RTT]);
  });

  test('an answer as old as what was seen before is none', () => {
    teach(2n * SECOND);
    probe(4n * SECOND);
    answer(4n * SECOND + RTT, { tsval: 3000 });
    expect(rtts()).toEqual([]);
  });

  test('without sequence numbers only echoes count', () => {
    kernel.set({ sequence: false });
    for (const n of [2n, 4n]) teach(n * SECOND);
    expect(rtts()).toEqual([]);
    probe(6n * SECOND);
    answer(6n * SECOND + RTT, { tsecr: 7000 });
    expect(rtts()).toEqual([RTT]);
  });

  test('an idle connection met in mid-stream is measured once it is known how it is answered', () => {
    kernel.close();
    kernel = new Targets({ rate: 0n });
    for (const n of [2n, 77n, 152n, 227n]) teach(n * SECOND);
    expect(kernel.rtts()).toMatchObject([
      { rtt: 300, keepAlive: true },
      { rtt: 300, keepAlive: true },
    ]);
  });
});
