/** Which packets may be remembered: the rules of docs/measurement.md, exact to the nanosecond. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  type Kernel,
  MICROSECOND,
  MILLISECOND,
  MINUTE,
  meetInMidStream,
  nanoseconds,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n });
});
afterEach(() => kernel.close());

test('the RTT is the time from the first packet with a TSval to the first that echoes it', () => {
  meetInMidStream(kernel);
  exchange(kernel, { sent: 7n, answered: 25_000_123n + 7n }, { tsval: 100, seq: 1000 });
  expect(nanoseconds(kernel.rtts())).toEqual([25_000_123n]);
});

test('a later packet with the same TSval is not remembered', () => {
  meetInMidStream(kernel);
  kernel.at(1000n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
  kernel.at(900_000n).egress(CLIENT, SERVER, { tsval: 100, seq: 1100, payload: 100 });
  kernel.at(5_000_000n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1200 });
  expect(nanoseconds(kernel.rtts())).toEqual([4_999_000n]);
  expect(kernel.counters()).toMatchObject({ remembered: 1, identifierNotNew: 1, matched: 1 });
});

test('a reordered packet with an older TSval is not remembered and does not turn the clock back', () => {
  meetInMidStream(kernel);
  kernel.at(10n).egress(CLIENT, SERVER, { tsval: 102, seq: 1100, payload: 100 });
  kernel.at(20n).egress(CLIENT, SERVER, { tsval: 101, seq: 1000, payload: 100 });
  kernel.at(30n).egress(CLIENT, SERVER, { tsval: 102, seq: 1200, payload: 100 });
  kernel.at(40n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 101, ack: 1100 });
  kernel.at(50n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 102, ack: 1300 });
  expect(nanoseconds(kernel.rtts())).toEqual([40n]);
});

test('an older or equal TSval stays old though another CPU read its clock a moment earlier', () => {
  meetInMidStream(kernel);
  kernel.at(1005n).egress(CLIENT, SERVER, { tsval: 101, seq: 1000, payload: 100 });
  kernel.at(1000n).egress(CLIENT, SERVER, { tsval: 100, seq: 1100, payload: 100 });
  kernel.at(1001n).egress(CLIENT, SERVER, { tsval: 101, seq: 1200, payload: 100 });
  expect(kernel.counters()).toMatchObject({ remembered: 1, identifierNotNew: 2 });
});

/** Times of identifiers are kept to about a millisecond. */
const COARSE = 2n * MILLISECOND;

describe('TSval is a clock that wraps', () => {
  const start = (tsval: number) => {
    kernel.egress(CLIENT, SERVER, { tsval, tsecr: 1 });
    kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
  };

  test('past zero it is new', () => {
    start(0xffff_fff0);
    exchange(kernel, { sent: 100n, answered: 1100n }, { tsval: 5, seq: 1000 });
    expect(nanoseconds(kernel.rtts())).toEqual([1000n]);
  });

  test('what lies 2^31 ticks ahead lies behind, and is new only if it is not for an older copy', () => {
    start(0x8000_0000);
    exchange(
      kernel,
      { sent: SECOND - COARSE, answered: SECOND + 1000n },
      { tsval: 0x7fff_fff0, seq: 1000 },
    );
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ identifierNotNew: 1 });
  });

  test('new data a second later whose TSval is older shows that the newer one was false', () => {
    start(0x8000_0000);
    exchange(
      kernel,
      { sent: SECOND + COARSE, answered: SECOND + COARSE + 1000n },
      { tsval: 0x7fff_fff0, seq: 1000 },
    );
    expect(nanoseconds(kernel.rtts())).toEqual([1000n]);
  });

  // 2^31 microseconds are 35 min 47.483648 s.
  const half = 35n * MINUTE + 47n * SECOND + 483_648n * MICROSECOND;

  test('once 2^31 us have passed, any TSval is new: a microsecond clock may have gone half around', () => {
    start(0x8000_0000);
    exchange(kernel, { sent: half, answered: half + 1000n }, { tsval: 0x10, seq: 1000 });
    expect(nanoseconds(kernel.rtts())).toEqual([1000n]);
  });
});

describe('a flow met in mid-stream', () => {
  test('waits for the first change of TSval: its first packet need not be the first with it', () => {
    kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
    exchange(kernel, { sent: 100n, answered: 1100n }, { tsval: 50, seq: 1000 });
    expect(kernel.rtts()).toEqual([]);
    exchange(kernel, { sent: 2000n, answered: 5000n }, { tsval: 51, seq: 1100 });
    expect(nanoseconds(kernel.rtts())).toEqual([3000n]);
  });

  test('waits also when it was a pure ACK that was met first', () => {
    kernel.egress(CLIENT, SERVER, { tsval: 50, tsecr: 1 });
    exchange(kernel, { sent: 100n, answered: 1100n }, { tsval: 50, seq: 1000 });
    expect(kernel.rtts()).toEqual([]);
  });
});

describe('a flow whose handshake was seen', () => {
  test('does not wait: its only request is its only sample', () => {
    kernel.set({ handshake: false });
    kernel.at(0n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 999 });
    kernel
      .at(20n)
      .ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 5, tsecr: 10, seq: 1, ack: 1000 });
    kernel.at(30n).egress(CLIENT, SERVER, { tsval: 35, tsecr: 5, seq: 1000, ack: 2 });
    exchange(kernel, { sent: 40n, answered: 65n }, { tsval: 35, seq: 1000 });
    expect(nanoseconds(kernel.rtts())).toEqual([25n]);
  });
});

describe('pure ACKs', () => {
  test('are never remembered', () => {
    meetInMidStream(kernel);
    kernel.at(10n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000 });
    kernel.at(20n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1000, payload: 10 });
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ pureAck: 3, remembered: 1, matched: 0 });
  });

  test('do not use up their TSval, nor does an answer to one pass for an answer to the data', () => {
    meetInMidStream(kernel);
    kernel.at(10n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000 });
    kernel.at(400n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
    // Sent by the server when it had the ACK and not yet the data.
    kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1000, payload: 10 });
    kernel.at(900n).ingress(SERVER, CLIENT, { tsval: 3, tsecr: 100, ack: 1100, payload: 10 });
    expect(nanoseconds(kernel.rtts())).toEqual([500n]);
  });
});

describe('data sent again', () => {
  const send = (at: bigint, tsval: number, seq: number) =>
    kernel.at(at).egress(CLIENT, SERVER, { tsval, seq, payload: 100 });
  const acknowledge = (at: bigint, tsecr: number, ack: number) =>
    kernel.at(at).ingress(SERVER, CLIENT, { tsval: 3, tsecr, ack });
  beforeEach(() => {
    meetInMidStream(kernel);
    send(1000n, 149, 1000);
  });

  test('is not remembered: other data of its tick could be answered in its place', () => {
    send(2000n, 150, 1000);
    acknowledge(2600n, 150, 1100);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ remembered: 1, retransmitted: 1, superseded: 1 });
  });

  test('under another TSval leaves it to TSecr which of the two is answered', () => {
    send(2000n, 150, 1000);
    acknowledge(2600n, 149, 1100);
    expect(nanoseconds(kernel.rtts())).toEqual([1600n]);
  });

  test('keeps new data of the same tick from being remembered: it may fill a gap before it', () => {
    acknowledge(1010n, 149, 1100);
    send(2000n, 150, 1000);
    send(2001n, 150, 1100);
    acknowledge(2601n, 150, 1200);
    send(3000n, 151, 1200);
    acknowledge(3020n, 151, 1300);
    expect(nanoseconds(kernel.rtts())).toEqual([10n, 20n]);
  });

  test('of its tick is what follows it, not what follows an acknowledgement of a later one', () => {
    acknowledge(1010n, 149, 1100);
    send(2000n, 150, 1000);
    kernel.at(3000n).egress(CLIENT, SERVER, { tsval: 151, seq: 1100 });
    send(3001n, 151, 1100);
    acknowledge(3021n, 151, 1200);
    expect(nanoseconds(kernel.rtts())).toEqual([10n, 20n]);
  });

  test('a sequence number that no window reaches does not make it new', () => {
    send(1100n, 149, 1000 + 2 ** 31 - 1);
    send(1200n, 149, 1000);
    acknowledge(2600n, 149, 1100);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1 });
  });
});

describe('data sent again under the TSval that waits (Karn)', () => {
  const send = (at: bigint, tsval: number, seq: number) =>
    kernel.at(at).egress(CLIENT, SERVER, { tsval, seq, payload: 100 });
  const acknowledge = (at: bigint, tsecr: number, ack: number) =>
    kernel.at(at).ingress(SERVER, CLIENT, { tsval: 3, tsecr, ack });
  beforeEach(() => {
    meetInMidStream(kernel);
  });

  test('gives none: which of the two is answered cannot be told', () => {
    send(100n, 100, 1000);
    send(700n, 100, 1000);
    acknowledge(900n, 100, 1100);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ remembered: 1, ambiguous: 1, unanswered: 0 });
  });

  test('nor where it fills a gap before the data that waits', () => {
    send(50n, 99, 1000);
    acknowledge(60n, 99, 1100);
    kernel.rtts();
    send(100n, 100, 1200);
    send(700n, 100, 1100);
    acknowledge(900n, 100, 1300);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1 });
  });

  test('but what is sent again of later data delays nothing', () => {
    send(100n, 100, 1000);
    send(110n, 100, 1100);
    send(700n, 100, 1100);
    acknowledge(900n, 100, 1100);
    expect(nanoseconds(kernel.rtts())).toEqual([800n]);
  });

  test('the same of what waits in the map', () => {
    send(100n, 100, 1000);
    send(110n, 101, 1100);
    send(700n, 101, 1100);
    acknowledge(800n, 100, 1100);
    acknowledge(900n, 101, 1200);
    expect(nanoseconds(kernel.rtts())).toEqual([700n]);
    expect(kernel.counters()).toMatchObject({ remembered: 2, matched: 1, ambiguous: 1 });
  });

  test('a packet that goes through both hooks of a router was sent once', () => {
    kernel.at(100n).ingress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
    kernel.at(120n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
    acknowledge(900n, 100, 1100);
    expect(nanoseconds(kernel.rtts())).toEqual([800n]);
  });
});

test('the first data may carry the TSval of the SYN: on a fast network it does', () => {
  kernel.at(0n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 999 });
  kernel
    .at(20n)
    .ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 5, tsecr: 10, seq: 1, ack: 1000 });
  kernel.at(21n).egress(CLIENT, SERVER, { tsval: 10, tsecr: 5, seq: 1000, ack: 2 });
  kernel.at(22n).egress(CLIENT, SERVER, { tsval: 10, tsecr: 5, seq: 1000, ack: 2, payload: 9 });
  kernel.at(45n).ingress(SERVER, CLIENT, { tsval: 5, tsecr: 10, seq: 2, ack: 1009 });
  expect(nanoseconds(kernel.rtts())).toEqual([20n, 1n, 23n]);
});

describe('a FIN is data as far as acknowledging goes', () => {
  test('a bare one is answered by what acknowledges it', () => {
    meetInMidStream(kernel);
    kernel.at(10n).egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 100, seq: 1000 });
    kernel.at(40n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, seq: 1000, ack: 1001 });
    expect(nanoseconds(kernel.rtts())).toEqual([30n]);
  });

  test('also where nothing else was seen of the connection', () => {
    kernel.at(10n).egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 7, seq: 50, ack: 90 });
    kernel
      .at(40n)
      .ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 3, tsecr: 7, seq: 90, ack: 51 });
    kernel.at(41n).egress(CLIENT, SERVER, { tsval: 8, tsecr: 3, seq: 51, ack: 91 });
    expect(nanoseconds(kernel.rtts())).toEqual([30n, 1n]);
  });

  test('one sent again under the same TSval is as ambiguous', () => {
    meetInMidStream(kernel);
    for (const at of [10n, 20n]) {
      kernel.at(at).egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 100, seq: 1000 });
    }
    kernel.at(40n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, seq: 1000, ack: 1001 });
    expect(kernel.rtts()).toEqual([]);
  });
});

test('a sequence number that wraps is still acknowledged', () => {
  kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1, seq: 0xffff_ffe0 });
  kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1, ack: 0xffff_ffe0 });
  kernel.at(10n).egress(CLIENT, SERVER, { tsval: 100, seq: 0xffff_ffe0, payload: 100 });
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 68 });
  expect(nanoseconds(kernel.rtts())).toEqual([490n]);
});

test('the longest RTT that the clock can tell is exact', () => {
  kernel.set({ timestampTimeout: 200n * MINUTE });
  meetInMidStream(kernel);
  const long = 90n * MINUTE + 1n;
  exchange(kernel, { sent: 0n, answered: long }, { tsval: 100, seq: 1000 });
  expect(nanoseconds(kernel.rtts())).toEqual([long]);
  expect(long).toBeGreaterThan(2n ** 32n * MICROSECOND + MILLISECOND);
});
