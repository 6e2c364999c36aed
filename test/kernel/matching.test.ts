/** Which packets answer a remembered one. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  type Kernel,
  MILLISECOND,
  meetInMidStream,
  nanoseconds,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { tcpFrame } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n });
  meetInMidStream(kernel);
});
afterEach(() => kernel.close());

function request(tsval: number, at: bigint, seq = 1000): void {
  kernel.at(at).egress(CLIENT, SERVER, { tsval, seq, payload: 100 });
}

test('only the first answer counts: duplicate ACKs match nothing', () => {
  request(100, 0n);
  for (const at of [500n, 600n, 700n]) {
    kernel.at(at).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1100 });
  }
  expect(nanoseconds(kernel.rtts())).toEqual([500n]);
  expect(kernel.counters()).toMatchObject({ matched: 1, noMatch: 0 });
});

test('TSecr counts only with ACK set', () => {
  request(100, 0n);
  kernel.at(500n).ingress(SERVER, CLIENT, { flags: ['PSH'], tsval: 2, tsecr: 100, ack: 1100 });
  expect(kernel.rtts()).toEqual([]);
  kernel.at(600n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1100 });
  expect(nanoseconds(kernel.rtts())).toEqual([600n]);
});

test('a TSecr of 0 is none: the acknowledgement decides, where the connection was seen from its SYN on', () => {
  const answer = (at: bigint, ack: number) =>
    kernel.at(at).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 0, seq: 1, ack });
  request(100, 10n);
  answer(500n, 1100);
  expect(kernel.rtts()).toEqual([]);
  const syn = { flags: ['SYN'] as const, tsval: 200, seq: 80_000 };
  kernel.at(1_000n).egress(CLIENT, SERVER, syn);
  const synAck = { flags: ['SYN', 'ACK'] as const, tsval: 2, tsecr: 200, seq: 0, ack: 80_001 };
  kernel.at(1_020n).ingress(SERVER, CLIENT, synAck);
  kernel.at(1_030n).egress(CLIENT, SERVER, { tsval: 201, tsecr: 2, seq: 80_001, ack: 1 });
  kernel.rtts();
  request(202, 1_100n, 80_001);
  answer(1_150n, 80_101);
  expect(nanoseconds(kernel.rtts())).toEqual([50n]);
});

describe('the first segment to acknowledge the data ends its wait', () => {
  const answer = (at: bigint, tsecr: number, ack = 1100) =>
    kernel.at(at).ingress(SERVER, CLIENT, { tsval: 2, tsecr, ack });
  const MIB = 1 << 20;
  const CHUNK = 3_000;

  /** So that it is known what may be sent again: all. */
  function openAnew(): void {
    const synAck = { flags: ['SYN', 'ACK'] as const, tsval: 1, tsecr: 90, seq: 0, ack: 1000 };
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 90, seq: 999 });
    kernel.ingress(SERVER, CLIENT, synAck);
    kernel.egress(CLIENT, SERVER, { tsval: 91, tsecr: 1, seq: 1000, ack: 1 });
    kernel.rtts();
  }

  test('also where it echoes an older TSval, as a delayed ACK does: the data were sent once', () => {
    openAnew();
    request(100, 0n);
    answer(500n, 99);
    answer(9000n, 100);
    expect(nanoseconds(kernel.rtts())).toEqual([500n]);
  });

  /** From `from` on, in segments that nobody acknowledges. @returns the end */
  function sendOn(from: number, to: number): number {
    let seq = from;
    for (; seq < to; seq += CHUNK) {
      const segment = { tsval: 50, seq: seq >>> 0, payload: CHUNK };
      kernel.egress(CLIENT, SERVER, segment);
    }
    return seq;
  }

  const bySomethingOlder = (seq: number, at: bigint) => {
    request(Number(at), at, seq >>> 0);
    answer(at + 500n, 50, (seq + 100) >>> 0);
    return nanoseconds(kernel.rtts());
  };

  test('in mid-stream only beyond what may have been in flight before anything was seen', () => {
    expect(bySomethingOlder(1000, 100n)).toEqual([]);
    kernel.ingress(SERVER, CLIENT, { tsval: 2, tsecr: 50, ack: 1100 });
    const end = sendOn(1100, MIB);
    kernel.ingress(SERVER, CLIENT, { tsval: 2, tsecr: 50, ack: end });
    kernel.rtts();
    expect(bySomethingOlder(end, 1000n)).toEqual([500n]);
  });

  test('where that acknowledges what was not seen, it is no proof', () => {
    openAnew();
    request(100, 0n);
    answer(500n, 99, 1101);
    answer(9000n, 100, 1101);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1 });
  });

  test('nor where the data were sent again meanwhile', () => {
    openAnew();
    request(100, 0n);
    request(150, 400n);
    answer(500n, 99);
    answer(9000n, 150);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ ambiguous: 1, retransmitted: 1 });
  });

  test('nor where they were not the next of their direction', () => {
    kernel.at(0n).egress(CLIENT, SERVER, { tsval: 100, seq: 900, payload: 100 });
    answer(500n, 99, 1000);
    expect(kernel.rtts()).toEqual([]);
  });

  test('where it echoes a newer TSval, an acknowledgement before it was lost', () => {
    request(100, 0n);
    answer(500n, 101);
    answer(600n, 100);
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ superseded: 1, noMatch: 0 });
  });
});

test('what acknowledges less answers nothing, and is counted', () => {
  request(100, 0n);
  request(101, 1n, 1100);
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 99, ack: 1000 });
  expect(kernel.rtts()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ noMatch: 1 });
});

test('an echo from the same side matches nothing', () => {
  request(100, 0n);
  kernel.at(500n).egress(CLIENT, SERVER, { tsval: 101, tsecr: 100, ack: 2000 });
  expect(kernel.rtts()).toEqual([]);
});

test('another connection between the same hosts matches nothing', () => {
  const other = { ...CLIENT, port: CLIENT.port + 1 };
  request(100, 0n);
  kernel.at(400n).ingress(SERVER, other, { tsval: 2, tsecr: 100, ack: 1100 });
  expect(kernel.rtts()).toEqual([]);
});

test('an RST is never matched, though it carries the right echo', () => {
  request(100, 0n);
  kernel
    .at(500n)
    .ingress(SERVER, CLIENT, { flags: ['RST', 'ACK'], tsval: 2, tsecr: 100, ack: 1100 });
  kernel.at(600n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 1100 });
  expect(kernel.rtts()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ reset: 1, lingering: 1, matched: 0 });
});

test('a FIN may carry the answer', () => {
  request(100, 0n);
  kernel
    .at(500n)
    .ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 2, tsecr: 100, ack: 1100 });
  expect(nanoseconds(kernel.rtts())).toEqual([500n]);
});

test('the last ACK answers data that went with the FIN', () => {
  kernel.at(0n).ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 2, tsecr: 1 });
  kernel
    .at(10n)
    .egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 100, seq: 1000, payload: 5 });
  kernel.at(700n).ingress(SERVER, CLIENT, { tsval: 3, tsecr: 100, ack: 1006 });
  expect(nanoseconds(kernel.rtts())).toEqual([690n]);
});

test('several identifiers in flight are told apart', () => {
  for (let i = 0; i < 10; i++) request(100 + i, BigInt(i) * 10n, 1000 + 100 * i);
  for (let i = 0; i < 10; i++) {
    kernel
      .at(1000n + BigInt(i))
      .ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100 + i, ack: 1100 + 100 * i });
  }
  expect(nanoseconds(kernel.rtts())).toEqual(
    Array.from({ length: 10 }, (_, i) => 1000n + BigInt(i) - BigInt(i) * 10n),
  );
});

describe('what a sample tells', () => {
  test('the flow as seen in the reply: the responder is the source', () => {
    exchange(kernel, { sent: 0n, answered: 500n }, { tsval: 100, seq: 1000 });
    const [rtt] = kernel.rtts();
    expect(rtt).toMatchObject({ srcPort: SERVER.port, destPort: CLIENT.port, ipVersion: 4 });
    expect([...(rtt?.srcAddress ?? [])]).toEqual([...mapped(10, 0, 0, 2)]);
    expect([...(rtt?.destAddress ?? [])]).toEqual([...mapped(10, 0, 0, 1)]);
  });

  test('on which side of the interface it was measured', () => {
    exchange(kernel, { sent: 0n, answered: 500n }, { tsval: 100, seq: 1000 });
    kernel.at(1000n).ingress(SERVER, CLIENT, { tsval: 50, payload: 9 });
    kernel.at(1800n).egress(CLIENT, SERVER, { tsval: 101, tsecr: 50, ack: 1009 });
    expect(kernel.rtts().map(({ rtt, matchOnEgress }) => [rtt, matchOnEgress])).toEqual([
      [500, false],
      [800, true],
    ]);
  });

  test('the least RTT so far, and the smoothed one with the weights of RFC 6298', () => {
    const rtts = [8_000_001n, 5_000_003n, 30_000_007n, 5_000_002n];
    rtts.forEach((rtt, i) => {
      const sent = BigInt(i) * 100n * MILLISECOND;
      exchange(kernel, { sent, answered: sent + rtt }, { tsval: 100 + i, seq: 1000 + 100 * i });
    });
    const samples = kernel.rtts();
    expect(samples.map(({ minRtt }) => minRtt)).toEqual([
      8_000_001, 5_000_003, 5_000_003, 5_000_002,
    ]);
    let srtt = rtts[0] ?? 0n;
    const smoothed = rtts.map((rtt, i) => {
      if (i > 0) srtt = (7n * srtt + rtt) / 8n;
      return Number(srtt);
    });
    expect(samples.map((sample) => sample.srtt)).toEqual(smoothed);
  });

  test('packets and payload bytes of both directions; merged packets as what they are on the wire', () => {
    const merged = tcpFrame(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 3000 });
    kernel.at(0n).show('egress', merged, 3);
    kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100, ack: 2000, payload: 30 });
    expect(kernel.rtts()).toMatchObject([
      { sentPackets: 4, sentBytes: 3000, recPackets: 2, recBytes: 30 },
    ]);
  });
});

function mapped(...ipv4: number[]): number[] {
  return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...ipv4];
}
