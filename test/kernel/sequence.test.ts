/** RTTs of connections without TCP timestamps, by sequence and acknowledgement numbers. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  type Kernel,
  MILLISECOND,
  nanoseconds,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { timestampOption } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

/** Segments have none but where a test says so. */
const NO_OPTIONS = { options: Buffer.alloc(0) };
const MIB = 1 << 20;

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n });
});
afterEach(() => kernel.close());

const sends = (at: bigint, segment: object) =>
  kernel.at(at).egress(CLIENT, SERVER, { ...NO_OPTIONS, ...segment });
const answers = (at: bigint, segment: object) =>
  kernel.at(at).ingress(SERVER, CLIENT, { ...NO_OPTIONS, ...segment });
const rtts = () => nanoseconds(kernel.rtts());

/** The client's next is 1000, the server's 1. */
function shakeHands(): void {
  sends(1n, { flags: ['SYN'], seq: 999 });
  answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000 });
  sends(401n, { seq: 1000, ack: 1 });
}

describe('a handshake', () => {
  test('gives both RTTs, and says by what', () => {
    shakeHands();
    expect(kernel.rtts()).toMatchObject([
      { rtt: 300, handshake: true, by: 'sequence' },
      { rtt: 100, handshake: true, by: 'sequence' },
    ]);
    expect(kernel.counters()).toMatchObject({ handshake: 2, pureAck: 1, handshakeMatched: 2 });
  });

  test('gives none of a SYN, or a SYN-ACK, that was sent twice', () => {
    sends(1n, { flags: ['SYN'], seq: 999 });
    sends(100n, { flags: ['SYN'], seq: 999 });
    answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000 });
    answers(302n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000 });
    sends(401n, { seq: 1000, ack: 1 });
    expect(kernel.events()).toMatchObject([{ type: 'flow', change: 'opening' }]);
  });

  test('of which only the SYN has timestamps is of a connection without', () => {
    const option = { options: timestampOption(7, 0) };
    sends(1n, { flags: ['SYN'], seq: 999, ...option });
    answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000 });
    sends(401n, { seq: 1000, ack: 1 });
    sends(500n, { seq: 1000, ack: 1, payload: 100 });
    answers(900n, { seq: 1, ack: 1100 });
    expect(rtts()).toEqual([300n, 100n, 400n]);
  });

  test('whose SYN was sent again with another TSval gives no RTT to an answer without one', () => {
    sends(1n, { flags: ['SYN'], seq: 999, options: timestampOption(7, 0) });
    sends(100n, { flags: ['SYN'], seq: 999, options: timestampOption(8, 0) });
    answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000 });
    sends(401n, { seq: 1000, ack: 1 });
    expect(rtts()).toEqual([100n]);
  });

  test('gives none after another on the same ports that nobody answered', () => {
    sends(1n, { flags: ['SYN'], seq: 5 });
    shakeHands();
    expect(rtts()).toEqual([]);
  });

  test('with Fast Open waits for its answer while data follow', () => {
    sends(1n, { flags: ['SYN'], seq: 999, payload: 50 });
    answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1050 });
    answers(302n, { seq: 1, ack: 1050, payload: 70 });
    sends(401n, { seq: 1050, ack: 71 });
    expect(kernel.rtts()).toMatchObject([
      { rtt: 300, handshake: true },
      { rtt: 100, handshake: true },
    ]);
  });
});

describe('data', () => {
  beforeEach(() => {
    shakeHands();
    kernel.rtts();
  });

  test('is answered by the first segment that acknowledges a byte of it', () => {
    sends(1000n, { seq: 1000, payload: 60_000 / 20 });
    answers(1500n, { seq: 1, ack: 1001 });
    answers(1600n, { seq: 1, ack: 4000 });
    expect(kernel.rtts()).toMatchObject([{ rtt: 500, by: 'sequence', handshake: false }]);
  });

  test('waits one by one: what comes meanwhile is counted', () => {
    for (const n of [0, 1, 2]) sends(1000n + BigInt(n), { seq: 1000 + 100 * n, payload: 100 });
    answers(1500n, { seq: 1, ack: 1300 });
    sends(1600n, { seq: 1300, payload: 100 });
    answers(1800n, { seq: 1, ack: 1400 });
    expect(rtts()).toEqual([500n, 200n]);
    expect(kernel.counters()).toMatchObject({ remembered: 2, matched: 2, answerPending: 2 });
  });

  test('of both ends is measured, also by what carries data itself', () => {
    sends(1000n, { seq: 1000, ack: 1, payload: 100 });
    answers(1400n, { seq: 1, ack: 1100, payload: 500 });
    sends(1450n, { seq: 1100, ack: 501 });
    const samples = kernel.rtts();
    expect(samples).toMatchObject([
      { rtt: 400, srcPort: SERVER.port, matchOnEgress: false },
      { rtt: 50, srcPort: CLIENT.port, matchOnEgress: true },
    ]);
  });

  test('that is sent again gives none (Karn), nor does what follows before that is acknowledged', () => {
    sends(1000n, { seq: 1000, payload: 100 });
    sends(1200n, { seq: 1000, payload: 100 });
    sends(1210n, { seq: 1100, payload: 100 });
    answers(1500n, { seq: 1, ack: 1100 });
    answers(1510n, { seq: 1, ack: 1200 });
    sends(2000n, { seq: 1200, payload: 100 });
    answers(2300n, { seq: 1, ack: 1300 });
    expect(rtts()).toEqual([300n]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1, retransmitted: 1, answerPending: 1 });
  });

  test('gives none where any data is sent again meanwhile', () => {
    sends(1000n, { seq: 1000, payload: 100 });
    sends(1001n, { seq: 1100, payload: 100 });
    sends(1200n, { seq: 1100, payload: 100 });
    answers(1500n, { seq: 1, ack: 1200 });
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1 });
  });

  test('gives none where more is acknowledged than was seen sent', () => {
    sends(1000n, { seq: 1000, payload: 100 });
    answers(1500n, { seq: 1, ack: 1101 });
    answers(1600n, { seq: 1, ack: 1101 });
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1, noMatch: 0 });
  });

  test('a FIN is data, and its acknowledgement an answer', () => {
    sends(1000n, { flags: ['FIN', 'ACK'], seq: 1000, ack: 1 });
    answers(1300n, { seq: 1, ack: 1001 });
    expect(rtts()).toEqual([300n]);
  });

  test('nothing answers after --timestamp-timeout', async () => {
    sends(1000n, { seq: 1000, payload: 100 });
    answers(10n * SECOND + 1001n, { seq: 1, ack: 1100 });
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ unanswered: 1, matched: 0 });
  });

  test('is sampled once in each interval, to the nanosecond', () => {
    kernel.set({ rate: MILLISECOND });
    const measured: number[] = [];
    // Five of them, not four, make a millisecond.
    for (let index = 0; index < 20; index++) {
      const at = SECOND + BigInt(index) * (MILLISECOND / 4n - 1n);
      const seq = 1000 + 10 * index;
      sends(at, { seq, payload: 10 });
      answers(at + 7n, { seq: 1, ack: seq + 10 });
      if (rtts().length > 0) measured.push(index);
    }
    expect(measured.map((index) => Math.floor(index / 5))).toEqual([0, 1, 2, 3]);
  });
});

describe('in mid-stream', () => {
  test('the first data only tells where its direction ends', () => {
    sends(0n, { seq: 1000, ack: 1, payload: 100 });
    answers(400n, { seq: 1, ack: 1100 });
    sends(500n, { seq: 1100, ack: 1, payload: 100 });
    answers(900n, { seq: 1, ack: 1200 });
    expect(rtts()).toEqual([400n]);
    expect(kernel.counters()).toMatchObject({ identifierNotNew: 1, remembered: 1 });
  });

  test('what would be faster than the path has been may answer what was sent before', () => {
    sends(0n, { seq: 1000, ack: 1 });
    answers(1n, { seq: 1, ack: 1000 });
    sends(500n, { seq: 1000, payload: 100 });
    answers(900n, { seq: 1, ack: 1100 });
    sends(1000n, { seq: 1100, payload: 100 });
    answers(1399n, { seq: 1, ack: 1200 });
    expect(rtts()).toEqual([400n]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1 });
  });

  test('what the path has been is not forgotten, however long its queue', () => {
    kernel.set({ minWindow: SECOND });
    sends(0n, { seq: 1000, ack: 1 });
    answers(1n, { seq: 1, ack: 1000 });
    const rtts = [400n, 900n, 900n, 900n, 400n, 399n];
    const told = rtts.map((rtt, index) => {
      const at = BigInt(index + 1) * SECOND;
      const seq = 1000 + 100 * index;
      sends(at, { seq, payload: 100 });
      answers(at + rtt, { seq: 1, ack: seq + 100 });
      return kernel.rtts().map(({ rtt, minRtt }) => [rtt, minRtt]);
    });
    expect(told).toEqual([[[400, 400]], ...Array(3).fill([[900, 400]]), [[400, 400]], []]);
  });

  test('after much that was not seen, sequence numbers are taken up again', () => {
    shakeHands();
    kernel.rtts();
    const far = 1000 + 5 * MIB;
    answers(1000n, { seq: 1, ack: far });
    sends(1100n, { seq: far, ack: 1, payload: 100 });
    sends(1200n, { seq: far + 100, ack: 1, payload: 100 });
    answers(1500n, { seq: 1, ack: far + 200 });
    expect(rtts().length).toBe(1);
  });
});

describe('who has not seen its packets', () => {
  beforeEach(() => {
    shakeHands();
    kernel.rtts();
    sends(1000n, { seq: 1000, ack: 1, payload: 100 });
  });

  test.each([
    ['a sequence number far behind', { seq: 1 - 65 * MIB, ack: 1000 }],
    ['a sequence number far ahead', { seq: 1 + MIB + 1, ack: 1000 }],
    ['an acknowledgement far ahead', { seq: 2, ack: 1100 + 2 * MIB }],
    ['an acknowledgement far behind', { seq: 2, ack: 1100 - 64 * MIB - 1 }],
    ['no acknowledgement', { seq: 1, ack: 1100, flags: [] }],
  ])('%s: it answers nothing, and changes nothing', (_, { seq, ack, ...more }) => {
    answers(1200n, { seq: seq >>> 0, ack: ack >>> 0, ...more });
    answers(1500n, { seq: 1, ack: 1100 });
    expect(rtts()).toEqual([500n]);
    expect(kernel.counters()).toMatchObject({ outOfWindow: 1 });
  });
});

describe('with timestamps beside', () => {
  /** In mid-stream, where no handshake has told. */
  function meetWithout(): void {
    sends(0n, { seq: 900, ack: 1, payload: 100 });
    answers(100n, { seq: 1, ack: 1000 });
  }

  test('a segment without one, of a connection that has them, changes nothing', () => {
    kernel.egress(CLIENT, SERVER, { tsval: 10, seq: 1000, ack: 1, payload: 100 });
    kernel.ingress(SERVER, CLIENT, { tsval: 5, tsecr: 10, seq: 1, ack: 1100 });
    kernel.at(100n).egress(CLIENT, SERVER, { tsval: 11, seq: 1100, ack: 1, payload: 100 });
    answers(200n, { seq: 1, ack: 1200 });
    kernel.at(400n).ingress(SERVER, CLIENT, { tsval: 6, tsecr: 11, seq: 1, ack: 1200 });
    expect(kernel.rtts()).toMatchObject([{ rtt: 300, by: 'timestamp' }]);
    expect(kernel.counters()).toMatchObject({ noTimestamp: 1 });
  });

  test('timestamps that appear later are new as soon as they change', () => {
    meetWithout();
    for (const n of [0, 1, 2]) {
      const [tsval, seq] = [3_000_000_000 + n, 1000 + 100 * n];
      const at = BigInt(seq) * 10n;
      kernel.at(at).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq, ack: 1, payload: 100 });
      kernel
        .at(at + 50n)
        .ingress(SERVER, CLIENT, { tsval: 7, tsecr: tsval, seq: 1, ack: seq + 100 });
    }
    expect(kernel.rtts()).toMatchObject([
      { rtt: 50, by: 'timestamp' },
      { rtt: 50, by: 'timestamp' },
    ]);
  });

  test('timestamps that appear with data sent again are not new with the next', () => {
    meetWithout();
    const stamped = { tsval: 4_294_967_000, tsecr: 1, ack: 1, payload: 100 };
    sends(500n, { seq: 1000, ack: 1, payload: 100 });
    kernel.at(600n).egress(CLIENT, SERVER, { ...stamped, seq: 1000 });
    kernel.at(700n).egress(CLIENT, SERVER, { ...stamped, seq: 1100 });
    kernel.at(900n).ingress(SERVER, CLIENT, { tsval: 7, tsecr: stamped.tsval, seq: 1, ack: 1200 });
    expect(rtts()).toEqual([]);
  });
});

test('--no-sequence leaves all of it out, and counts it', () => {
  kernel.set({ sequence: false });
  shakeHands();
  sends(1000n, { seq: 1000, payload: 100 });
  answers(1500n, { seq: 1, ack: 1100 });
  expect(kernel.events()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ noTimestamp: 5, remembered: 0 });
});
