/**
 * What those can send who know no more of a TCP connection than its addresses and ports: it goes on as it was, and is
 * measured as before. What they can do nevertheless: docs/security.md.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  type Kernel,
  MILLISECOND,
  nanoseconds,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { type Segment, timestampOption } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

const NONE = { options: Buffer.alloc(0) };
const RTT = 20n * MILLISECOND;
const PAUSE = 100n * MILLISECOND;

let kernel: Kernel;
let isStamped: boolean;
/** Where the client's data goes on. */
let seq: number;
afterEach(() => kernel.close());

function watch(stamped: boolean): void {
  kernel = new Targets({ rate: 0n });
  isStamped = stamped;
  seq = 1000;
}

function options(at: bigint, tsecr: number): Partial<Segment> {
  return isStamped ? { options: timestampOption(10 + Number(at / MILLISECOND), tsecr) } : NONE;
}

/** At these hooks this machine's own segments pass, and those of the other end. */
const sends = (at: bigint, segment: Segment) => kernel.at(at).egress(CLIENT, SERVER, segment);
const answers = (at: bigint, segment: Segment) => kernel.at(at).ingress(SERVER, CLIENT, segment);

function shakeHands(): void {
  sends(1n, { flags: ['SYN'], seq: 999, ...options(0n, 0) });
  answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, ...options(0n, 10) });
  sends(401n, { seq: 1000, ack: 1, ...options(0n, 10) });
}

/** Requests, each with its answer after an RTT. */
function exchanges(count: number, from: bigint, meanwhile: (at: bigint) => void = () => {}): void {
  for (let i = 0n; i < BigInt(count); i++) {
    const at = from + i * PAUSE;
    sends(at, { seq, ack: 1, payload: 100, ...options(at, 10) });
    seq += 100;
    meanwhile(at + RTT / 2n);
    answers(at + RTT, { seq: 1, ack: seq, ...options(at + RTT, 10 + Number(at / MILLISECOND)) });
  }
}

const rtts = () => nanoseconds(kernel.rtts());
const times = (count: number) => Array<bigint>(count).fill(RTT);
const changes = () => kernel.flowEvents().map(({ change }) => change);

describe.each([
  ['with timestamps', true],
  ['without', false],
])('a connection %s', (_, stamped) => {
  /** One that is open, and of which an RTT is known. */
  function begin(): void {
    watch(stamped);
    shakeHands();
    exchanges(1, SECOND);
    kernel.events();
  }

  describe('is not ended by a SYN and what looks like the first segment after it', () => {
    const strange = (tsval: number): Partial<Segment> =>
      stamped ? { options: timestampOption(tsval, 1) } : NONE;
    const syn: Segment = { flags: ['SYN'], seq: 0x5555_5555, ...strange(0x1111_1111) };
    const first: Segment = { seq: 0x5555_5556, ack: 0x7000_1234, ...strange(0x1111_1112) };
    const response: Segment = { seq: 0x7000_1234, ack: 0x5555_5556, ...strange(7) };

    test.each<[string, () => void]>([
      [
        'of the client',
        () => {
          sends(1100n * MILLISECOND, syn);
          sends(1101n * MILLISECOND, first);
        },
      ],
      [
        'of the server',
        () => {
          answers(1100n * MILLISECOND, syn);
          answers(1101n * MILLISECOND, first);
        },
      ],
      [
        'of the client, which the server answers from where the client is',
        () => {
          sends(1100n * MILLISECOND, syn);
          kernel.at(1101n * MILLISECOND).egress(SERVER, CLIENT, response);
        },
      ],
      [
        'of the server, from where the client is, which the client answers',
        () => {
          kernel.at(1100n * MILLISECOND).egress(SERVER, CLIENT, syn);
          sends(1101n * MILLISECOND, response);
        },
      ],
      [
        'of the client, and a SYN-ACK from where the client is',
        () => {
          sends(1100n * MILLISECOND, syn);
          const synAck: Segment = { ...response, flags: ['SYN', 'ACK'] };
          kernel.at(1101n * MILLISECOND).egress(SERVER, CLIENT, synAck);
        },
      ],
    ])('%s', (_what, forge) => {
      begin();
      forge();
      exchanges(5, 1200n * MILLISECOND);
      expect(changes()).toEqual([]);
      exchanges(5, 1700n * MILLISECOND);
      expect(rtts()).toEqual(times(5));
    });
  });

  test.each<[string, () => void]>([
    ['after its handshake', shakeHands],
    ['met in mid-stream', () => exchanges(1, 0n)],
  ])('loses no RTT by SYN-ACKs, %s', (_when, start) => {
    watch(stamped);
    start();
    exchanges(1, SECOND);
    rtts();
    let forged = 0;
    exchanges(10, 2n * SECOND, (at) => {
      forged += 7919;
      const tsval = 0x7fff_0000 + forged;
      const more = stamped ? { options: timestampOption(tsval, 9) } : NONE;
      const synAck: Segment = { flags: ['SYN', 'ACK'], seq: 0x9abc_def0 + forged, ...more };
      sends(at, { ...synAck, ack: 0x1357_2468 });
      answers(at, { ...synAck, ack: 0x1357_2468 });
    });
    expect(rtts()).toEqual(times(10));
    expect(kernel.counters()).toMatchObject({ ambiguous: 0, retransmittedPackets: 0 });
  });
});

describe('a connection without timestamps', () => {
  const stamped: Segment = { seq: 0x7000_0000, ack: 0x1234_5678, options: timestampOption(7, 9) };

  test.each<[string, () => void]>([
    ['whose handshake was seen', shakeHands],
    ['met in mid-stream', () => exchanges(1, 0n)],
  ])('%s is not silenced by a segment with one', (_, begin) => {
    watch(false);
    begin();
    exchanges(1, SECOND);
    rtts();
    sends(1500n * MILLISECOND, { ...stamped, payload: 5 });
    answers(1500n * MILLISECOND, { ...stamped, payload: 5 });
    exchanges(5, 2n * SECOND);
    expect(rtts()).toEqual(times(5));
    expect(kernel.counters()).toMatchObject({ outOfWindow: 2, noTimestamp: 0, ambiguous: 0 });
  });

  // RFC 7323, 3.2
  test('goes on without them where a segment of it has one all the same', () => {
    watch(false);
    shakeHands();
    rtts();
    isStamped = true;
    exchanges(3, SECOND);
    isStamped = false;
    exchanges(3, 2n * SECOND);
    const told = kernel.rtts();
    expect(nanoseconds(told)).toEqual(times(6));
    expect(told.map(({ by }) => by)).toEqual(Array(6).fill('sequence'));
    expect(kernel.counters()).toMatchObject({ outOfWindow: 0, noTimestamp: 0 });
  });

  // 4,096 of them, a MiB apart, find it.
  test('is not closed by FINs of both ends that have found its sequence numbers alone', () => {
    watch(false);
    shakeHands();
    exchanges(1, SECOND);
    kernel.events();
    const quarters = [0, 1, 2, 3].map((n) => (0x2000_0000 + n * 2 ** 30) >>> 0);
    for (const forged of [{ flags: ['FIN'] as const }, ...quarters.map((ack) => ({ ack }))]) {
      const fin: Segment = { flags: ['FIN', 'ACK'], ...forged, ...NONE };
      sends(1500n * MILLISECOND, { ...fin, seq: seq + 1000 });
      answers(1500n * MILLISECOND, { ...fin, seq: 1001 });
    }
    exchanges(5, 2n * SECOND);
    expect(kernel.events().map((event) => event.type)).toEqual(Array(5).fill('rtt'));
    expect(kernel.counters()).toMatchObject({ outOfWindow: 10, ambiguous: 0 });
  });
});

describe.each([
  ['with timestamps', true],
  ['without', false],
])('a connection %s that is to begin', (_, stamped) => {
  /** The other end begins it. */
  function begins(from: bigint, meanwhile: () => void = () => {}): void {
    answers(from, { flags: ['SYN'], seq: 999, ...options(from, 0) });
    sends(from + 10n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, ...options(from, 10) });
    meanwhile();
    answers(from + 310n, { seq: 1000, ack: 1, ...options(from, 10) });
    sends(from + 400n, { seq: 1, ack: 1000, payload: 100, ...options(from + SECOND, 10) });
    answers(from + 700n, {
      seq: 1000,
      ack: 101,
      ...options(from + SECOND, 1010 + Number(from / MILLISECOND)),
    });
  }

  test('by the other end is measured, whoever has sent segments of both on its ports before', () => {
    watch(stamped);
    begins(10n * SECOND);
    const expected = rtts();
    expect(expected).toContain(300n);
    kernel.close();
    watch(stamped);
    answers(0n, { seq: 0x1111_1111, ack: 0x2222_2222, payload: 1, ...options(0n, 7) });
    const forged = { seq: 0x2222_2222, ack: 0x1111_1112, payload: 1, ...options(0n, 7) };
    kernel.at(1n).ingress(CLIENT, SERVER, forged);
    begins(10n * SECOND);
    // Of the handshake some may be of the connection before, for all that is known.
    expect(rtts().at(-1)).toBe(expected.at(-1));
  });

  test('is not put forward by a segment that is ahead of what an end sends at first', () => {
    watch(stamped);
    shakeHands();
    kernel.close();
    watch(stamped);
    sends(1n, { flags: ['SYN'], seq: 999, ...options(0n, 0) });
    answers(301n, { flags: ['SYN', 'ACK'], seq: 0, ack: 1000, ...options(0n, 10) });
    sends(302n, { seq: 1000 + (1 << 20), ack: 0x7777_7777, payload: 9, ...options(0n, 10) });
    sends(401n, { seq: 1000, ack: 1, ...options(0n, 10) });
    kernel.events();
    exchanges(3, SECOND);
    expect(rtts()).toEqual(times(3));
    expect(kernel.counters()).toMatchObject({ retransmittedPackets: 0 });
  });
});
