/** Which segments of a connection are believed: forged ones change nothing, and jumps that are real are believed again. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  type Kernel,
  MILLISECOND,
  MINUTE,
  meetInMidStream,
  nanoseconds,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import type { Segment } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

const RTT = 20n * MILLISECOND;
const FAR = 0x3fff_ffff;

let kernel: Kernel;
/** Where the client's data go on, by its clock of 1 kHz and its sequence numbers; the server's clock shows the same. */
let client: { clock: number; seq: number };

beforeEach(() => {
  kernel = new Targets({ rate: 0n, timestampTimeout: 10n * SECOND });
  client = { clock: 0, seq: 1000 };
  meetInMidStream(kernel);
});
afterEach(() => kernel.close());

function ask(at: bigint): void {
  const tsval = 10 + Number(at / MILLISECOND) + client.clock;
  kernel.at(at).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq: client.seq, payload: 100 });
  client.seq += 100;
}

function answer(asked: bigint, at: bigint = asked + RTT, more: Partial<Segment> = {}): void {
  const tsecr = 10 + Number(asked / MILLISECOND) + client.clock;
  const tsval = 1 + Number(at / MILLISECOND);
  kernel.at(at).ingress(SERVER, CLIENT, { tsval, tsecr, seq: 1, ack: client.seq, ...more });
}

/** One exchange a 100 ms, each of which gives an RTT as long as nothing disturbs. */
function exchanges(count: number, from: bigint): void {
  for (let i = 0n; i < BigInt(count); i++) {
    const at = from + i * 100n * MILLISECOND;
    ask(at);
    answer(at);
  }
}

const rtts = () => nanoseconds(kernel.rtts());
const times = (count: number) => Array<bigint>(count).fill(RTT);

describe('somebody who does not know the clock', () => {
  const forgeries: [string, Partial<Segment>][] = [
    ['data', { payload: 5 }],
    ['a pure ACK', {}],
    ['a FIN', { flags: ['FIN', 'ACK'] }],
  ];

  test.each(forgeries)('forges %s of either end, and changes nothing', (_, forged) => {
    exchanges(3, SECOND);
    for (const tsval of [FAR, 0x8000_0000, 0xf000_0000]) {
      for (const seq of [client.seq, client.seq + 5000, 0x7000_0000]) {
        const false_ = { tsval, tsecr: 1, seq, ack: 77, ...forged };
        kernel.at(1300n * MILLISECOND).egress(CLIENT, SERVER, false_);
        kernel.ingress(SERVER, CLIENT, { ...false_, seq: 1, ack: 0x1000_0000 });
      }
    }
    exchanges(3, 1400n * MILLISECOND);
    const told = kernel.events().map((event) => (event.type === 'rtt' ? event.rtt : event.type));
    expect(told).toEqual(['flow', ...Array(6).fill(Number(RTT))]);
    expect(kernel.counters()).toMatchObject({ implausibleTsval: 18, matched: 6, ambiguous: 0 });
  });

  test('forges an answer while data waits, and does not end its wait', () => {
    exchanges(3, SECOND);
    ask(2n * SECOND);
    const forged = { tsval: FAR, tsecr: 5, seq: 1, ack: client.seq + 0x1000_0000 };
    kernel.at(2010n * MILLISECOND).ingress(SERVER, CLIENT, forged);
    answer(2n * SECOND);
    expect(rtts()).toEqual(times(4));
  });
});

describe('somebody who does not know the sequence numbers', () => {
  test.each([
    ['data', { payload: 5 }],
    ['a FIN', { flags: ['FIN', 'ACK'] as const }],
  ])('forges %s, and changes nothing', (_, forged) => {
    exchanges(3, SECOND);
    for (const ahead of [2 ** 21, 2 ** 28, 2 ** 31 - 1]) {
      const seq = client.seq + ahead;
      const tsval = 10 + 1300;
      kernel.at(1300n * MILLISECOND).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq, ...forged });
    }
    exchanges(3, 1400n * MILLISECOND);
    expect(rtts()).toEqual(times(6));
    expect(kernel.counters()).toMatchObject({ outOfWindow: 3, matched: 6 });
  });
});

test('a forged TSval that fits by chance silences its direction for a second, not for the time it is ahead', () => {
  exchanges(3, SECOND);
  const lucky = { tsval: 10 + 600_000, tsecr: 1, seq: client.seq, payload: 5 };
  kernel.at(1300n * MILLISECOND).egress(CLIENT, SERVER, lucky);
  exchanges(20, 1400n * MILLISECOND);
  // From 2,300 ms on.
  expect(rtts()).toEqual(times(3 + 11));
});

describe('what is real is believed again', () => {
  test('a clock that has jumped, as after sleep, once the other end has echoed it', () => {
    exchanges(3, SECOND);
    client.clock = 3_600_000;
    exchanges(3, 2n * SECOND);
    expect(rtts()).toEqual(times(3 + 2));
    expect(kernel.counters()).toMatchObject({ implausibleTsval: 1 });
  });

  test('an answerer whose clock has jumped gives no RTT that is too long', () => {
    exchanges(3, SECOND);
    rtts();
    ask(2n * SECOND);
    answer(2n * SECOND, 2020n * MILLISECOND, { tsval: FAR });
    answer(2n * SECOND, 2500n * MILLISECOND, { tsval: 1 + 2500 });
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1, implausibleTsval: 1 });
  });

  test.each([
    ['ten times a second, always', 100n * MILLISECOND, 20, 0],
    ['once a second, at times', SECOND, 3, 17],
  ])('a clock of 10 MHz that is seen %s', (_, pause, matched, implausibleTsval) => {
    for (let i = 0; i < 20; i++) {
      const at = SECOND + BigInt(i) * pause;
      const tsval = 10 + i * Number(pause / 100n);
      kernel.at(at).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq: client.seq, payload: 100 });
      client.seq += 100;
      const echo = { tsval: 2, tsecr: tsval, seq: 1, ack: client.seq };
      kernel.at(at + RTT).ingress(SERVER, CLIENT, echo);
    }
    expect(rtts()).toEqual(times(matched));
    expect(kernel.counters()).toMatchObject({ implausibleTsval });
  });

  test('where 100 MB were not seen, what the other end has acknowledged', () => {
    exchanges(3, SECOND);
    client.seq += 100_000_000;
    exchanges(3, 2n * SECOND);
    expect(rtts()).toEqual(times(3 + 2));
    expect(kernel.counters()).toMatchObject({ outOfWindow: 1 });
  });

  test('after an hour without a packet', () => {
    exchanges(3, SECOND);
    exchanges(3, 60n * MINUTE);
    expect(rtts()).toEqual(times(6));
  });
});
