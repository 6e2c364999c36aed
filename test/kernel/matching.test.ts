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
} from '../helpers/kernel.js';
import { tcpFrame } from '../helpers/packets.js';
import { Targets } from '../helpers/targets.js';

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

test('a TSecr of 0 matches nothing', () => {
  request(0xffff_ffff - 1, 0n);
  kernel.ingress(SERVER, CLIENT, { tsval: 3, tsecr: 0, ack: 1100 });
  request(0, 10n);
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 0, ack: 1100 });
  expect(kernel.rtts()).toEqual([]);
});

test('an unknown TSecr matches nothing and is counted', () => {
  request(100, 0n);
  kernel.at(500n).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 99, ack: 1100 });
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

test('several identifiers in flight are told apart, answered in any order', () => {
  for (let i = 0; i < 10; i++) request(100 + i, BigInt(i) * 10n, 1000 + 100 * i);
  for (let i = 9; i >= 0; i--) {
    kernel
      .at(1000n + BigInt(i))
      .ingress(SERVER, CLIENT, { tsval: 2, tsecr: 100 + i, ack: 1100 + 100 * i });
  }
  expect(nanoseconds(kernel.rtts())).toEqual(
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((i) => 1000n + BigInt(i) - BigInt(i) * 10n),
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
    kernel.at(1000n).ingress(SERVER, CLIENT, { tsval: 50, seq: 1, payload: 9 });
    kernel.at(1800n).egress(CLIENT, SERVER, { tsval: 101, tsecr: 50, ack: 10 });
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
