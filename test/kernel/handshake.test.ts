/** Handshakes: answered by kernels, so the cleanest RTTs there are. */
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
  type Kernel,
  MILLISECOND,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
afterEach(() => kernel.close());

const samples = () =>
  kernel.rtts().map(({ rtt, srcPort, matchOnEgress, handshake }) => ({
    rtt,
    srcPort,
    matchOnEgress,
    handshake,
  }));

function syn(at: bigint, tsval = 10): void {
  kernel.at(at).egress(CLIENT, SERVER, { flags: ['SYN'], tsval, seq: 999 });
}
function synAck(at: bigint, tsecr = 10, tsval = 5): void {
  kernel.at(at).ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval, tsecr, seq: 1, ack: 1000 });
}
function lastAck(at: bigint, tsecr = 5): void {
  kernel.at(at).egress(CLIENT, SERVER, { tsval: 35, tsecr, seq: 1000, ack: 2 });
}

describe('a handshake', () => {
  test('gives the RTT of SYN to SYN-ACK and of SYN-ACK to ACK', () => {
    kernel = new Targets();
    syn(0n);
    synAck(25_000_001n);
    lastAck(25_000_090n);
    expect(samples()).toEqual([
      { rtt: 25_000_001, srcPort: SERVER.port, matchOnEgress: false, handshake: true },
      { rtt: 89, srcPort: CLIENT.port, matchOnEgress: true, handshake: true },
    ]);
  });

  test('counts against the rate like any sample', () => {
    kernel = new Targets({ rate: 100n * MILLISECOND });
    syn(0n);
    synAck(25n);
    lastAck(30n);
    exchange(kernel, { sent: 50n, answered: 75n }, { tsval: 36, seq: 1000 });
    const later = 100n * MILLISECOND;
    exchange(kernel, { sent: later, answered: later + 40n }, { tsval: 37, seq: 1100 });
    expect(samples().map(({ rtt }) => rtt)).toEqual([25, 5, 40]);
  });

  test('gives no sample with --no-handshake, and then does not count against the rate', () => {
    kernel = new Targets({ handshake: false });
    syn(0n);
    synAck(25n);
    lastAck(30n);
    exchange(kernel, { sent: 50n, answered: 75n }, { tsval: 36, seq: 1000 });
    expect(samples().map(({ rtt, handshake }) => [rtt, handshake])).toEqual([[25, false]]);
  });

  test('whose SYN was sent again, later, is measured from the one that was answered, or not at all', () => {
    kernel = new Targets();
    syn(0n, 10);
    syn(SECOND, 1010);
    synAck(SECOND + 25n, 1010);
    lastAck(SECOND + 30n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([25, 5]);
  });

  test('in which the first SYN was answered after the second left gives no wrong RTT', () => {
    kernel = new Targets();
    syn(0n, 10);
    syn(SECOND, 1010);
    synAck(SECOND + 25n, 10);
    lastAck(SECOND + 30n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([5]);
  });

  test('whose SYN-ACK is sent again is answered where the first one was seen', () => {
    kernel = new Targets();
    syn(0n);
    synAck(25n);
    const again = { flags: ['SYN', 'ACK'] as const, tsecr: 10, seq: 1, ack: 1000 };
    kernel.at(SECOND).egress(SERVER, CLIENT, { ...again, tsval: 1005 });
    lastAck(SECOND + 5n, 1005);
    expect(samples()).toMatchObject([{ rtt: 25, matchOnEgress: false }, { rtt: 5 }]);
  });

  test('in which data came that did not fit: it has been sent before, whatever acknowledges it', () => {
    kernel = new Targets({ rate: 0n });
    syn(0n);
    synAck(25_000_000n);
    const more = (at: bigint, tsval: number, ack: number, payload: number) =>
      kernel.at(at).egress(CLIENT, SERVER, { tsval, tsecr: 5, seq: 1000, ack, payload });
    const answer = (at: bigint, tsecr: number, ack: number) =>
      kernel.at(at).ingress(SERVER, CLIENT, { tsval: 5, tsecr, seq: 2, ack, payload: 40 });
    more(26_000_000n, 10, 1, 1); // it does not acknowledge the SYN-ACK
    more(30_000_000n, 12, 2, 200);
    expect(kernel.counters().lingering).toBe(1);
    expect(samples().map(({ handshake }) => handshake)).toEqual([true, true]);
    answer(30_300_000n, 10, 1001); // to the first
    expect(samples()).toEqual([]);
  });

  test('of which the SYN was not seen, likewise', () => {
    kernel = new Targets({ rate: 0n });
    const none = { options: Buffer.alloc(0) };
    kernel.at(0n).ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], seq: 1, ack: 1000, ...none });
    const data = (at: bigint, ack: number, payload: number) =>
      kernel.at(at).egress(CLIENT, SERVER, { seq: 1000, ack, payload, ...none });
    data(1_000_000n, 1, 1);
    data(5_000_000n, 2, 200);
    expect(kernel.counters().lingering).toBe(1);
    kernel.at(5_300_000n).ingress(SERVER, CLIENT, { seq: 2, ack: 1001, ...none });
    expect(samples().map(({ rtt }) => rtt)).not.toContain(300_000);
  });

  test('of which the SYN was not seen gives the second half', () => {
    kernel = new Targets();
    synAck(100n);
    lastAck(170n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([70]);
  });

  test('of which the SYN-ACK was not seen does not tell what its sender had sent before', () => {
    kernel = new Targets({ rate: 0n });
    syn(0n);
    lastAck(50n);
    const data = { seq: 2, ack: 1000, tsecr: 35, payload: 100 };
    kernel.at(100n).ingress(SERVER, CLIENT, { ...data, tsval: 5 });
    kernel.at(130n).egress(CLIENT, SERVER, { tsval: 36, tsecr: 5, seq: 1000, ack: 102 });
    kernel.at(200n).ingress(SERVER, CLIENT, { ...data, tsval: 6, seq: 102 });
    kernel.at(240n).egress(CLIENT, SERVER, { tsval: 37, tsecr: 6, seq: 1000, ack: 202 });
    expect(samples().map(({ rtt }) => rtt)).toEqual([40]);
  });

  test('whose TSval is 0 gives no RTT: a TSecr of 0 is none', () => {
    kernel = new Targets();
    syn(0n, 0);
    syn(SECOND, 0);
    synAck(SECOND + 25n, 0, 0);
    synAck(2n * SECOND, 0, 0);
    lastAck(2n * SECOND + 5n, 0);
    expect(kernel.events()).toMatchObject([{ change: 'opening', reason: 'SYN-ACK' }]);
  });

  test('of two that open at once is not taken for an answer by the one that asked', () => {
    kernel = new Targets({ rate: 0n });
    syn(0n);
    kernel.at(10n).ingress(SERVER, CLIENT, { flags: ['SYN'], tsval: 5, seq: 1 });
    const both = { flags: ['SYN', 'ACK'] as const, seq: 999, ack: 2 };
    kernel.at(12n).egress(CLIENT, SERVER, { ...both, tsval: 20, tsecr: 5 });
    synAck(30n, 10, 25);
    kernel.at(40n).egress(CLIENT, SERVER, { tsval: 36, tsecr: 25, seq: 1000, ack: 2, payload: 9 });
    kernel.at(65n).ingress(SERVER, CLIENT, { tsval: 26, tsecr: 36, seq: 2, ack: 1009 });
    expect(samples()).toEqual([
      { rtt: 2, srcPort: CLIENT.port, matchOnEgress: true, handshake: true },
      { rtt: 25, srcPort: SERVER.port, matchOnEgress: false, handshake: false },
    ]);
  });

  test('that was refused leaves nothing behind', async () => {
    kernel = new Targets();
    syn(0n);
    const refusal = { flags: ['RST', 'ACK'] as const, options: Buffer.alloc(0), seq: 0 };
    kernel.at(20n).ingress(SERVER, CLIENT, { ...refusal, ack: 1000 });
    exchange(kernel, { sent: 50n, answered: 75n }, { tsval: 36, seq: 1000 });
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.flowEvents()).toEqual([]);
    expect(await kernel.sweep()).toMatchObject({ flows: 1 });
  });

  test('is not ended by an RST that does not acknowledge its SYN', () => {
    kernel = new Targets();
    syn(0n);
    const stray = { flags: ['RST', 'ACK'] as const, options: Buffer.alloc(0), seq: 0 };
    kernel.at(10n).ingress(SERVER, CLIENT, { ...stray, ack: 5000 });
    kernel.at(11n).egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: 5000 });
    synAck(20n);
    lastAck(25n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([20, 5]);
  });

  test('ends with an RST of the end that began it', async () => {
    kernel = new Targets();
    syn(0n);
    synAck(20n);
    kernel.at(25n).egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: 1000 });
    kernel.at(30n).ingress(SERVER, CLIENT, { tsval: 6, tsecr: 10, seq: 2, ack: 1000, payload: 5 });
    expect(kernel.events()).toEqual([]);
  });

  test('hatches only by a segment that belongs to it', async () => {
    kernel = new Targets();
    syn(0n);
    // In flight since an earlier connection on the same ports.
    kernel.at(5n).ingress(SERVER, CLIENT, { tsval: 3, tsecr: 9, seq: 77, ack: 444, payload: 100 });
    expect(await kernel.sweep()).toMatchObject({ flows: 0 });
    synAck(20n);
    kernel.at(22n).ingress(SERVER, CLIENT, { tsval: 3, tsecr: 9, seq: 177, ack: 444, payload: 9 });
    lastAck(25n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([20, 5]);
    expect(kernel.counters()).toMatchObject({ lingering: 2 });
  });

  // RFC 9293, 3.5.1: the end that still has the connection before acknowledges what that one had sent.
  test('is not that of a connection before, to which its SYN is answered', () => {
    kernel = new Targets();
    syn(0n, 10);
    const old = { tsval: 4, tsecr: 9, seq: 70_000, ack: 15_000 };
    kernel.at(25n).ingress(SERVER, CLIENT, old);
    kernel
      .at(30n)
      .egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: 15_000 });
    syn(SECOND, 1010);
    synAck(SECOND + 25n, 1010);
    lastAck(SECOND + 30n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([25, 5]);
    expect(kernel.counters()).toMatchObject({ lingering: 1, strayReset: 0, handshake: 3 });
  });

  test('keeps the RTT that was known when its SYN is sent again', () => {
    kernel = new Targets();
    syn(0n, 10);
    synAck(42n, 10);
    syn(SECOND, 1010);
    synAck(SECOND + 41n, 10, 1005);
    lastAck(SECOND + 46n, 1005);
    expect(samples().map(({ rtt }) => rtt)).toEqual([42, 5]);
  });

  test.each([
    ['SYN', () => [syn(0n), syn(SECOND), synAck(SECOND + 25n), lastAck(SECOND + 30n)], [5]],
    ['SYN-ACK', () => [syn(0n), synAck(25n), synAck(SECOND), lastAck(SECOND + 30n)], [25]],
  ])(
    'whose %s was sent again under the same TSval gives no RTT of it (Karn)',
    (_what, shake, rtts) => {
      kernel = new Targets();
      shake();
      expect(samples().map(({ rtt }) => rtt)).toEqual(rtts);
    },
  );

  test('of the responder alone opens no flow', async () => {
    kernel = new Targets();
    synAck(0n);
    for (const at of [10n, 20n]) {
      kernel.at(at).ingress(SERVER, CLIENT, { tsval: 6, tsecr: 10, seq: 2, ack: 1000, payload: 5 });
    }
    expect(kernel.events()).toEqual([]);
    expect(await kernel.sweep()).toMatchObject({ flows: 1, flowsWaiting: 1 });
  });

  test('of an earlier attempt on the same ports counts no packets for this one', () => {
    kernel = new Targets();
    for (const seq of [100, 100, 999]) {
      kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: seq, seq });
    }
    synAck(25n, 999);
    lastAck(30n);
    expect(kernel.rtts()).toMatchObject([{ sentPackets: 1, recPackets: 1 }, { sentPackets: 1 }]);
  });

  test('of long ago says nothing about a segment of now', () => {
    kernel = new Targets({ rate: 0n });
    syn(0n);
    const now = 64n * SECOND;
    exchange(kernel, { sent: now, answered: now + 25n }, { tsval: 36, seq: 1000 });
    expect(kernel.events()).toMatchObject([{ change: 'opening', reason: 'first observed packet' }]);
  });

  test('does not measure this machine: SYN in, SYN-ACK out', () => {
    kernel = new Targets();
    const local = { address: '127.0.0.1', port: 8080 };
    kernel
      .at(0n)
      .ingress(CLIENT, local, { flags: ['SYN'], tsval: 10, seq: 999 }, { toThisHost: true });
    kernel
      .at(9n)
      .egress(local, CLIENT, { flags: ['SYN', 'ACK'], tsval: 5, tsecr: 10, seq: 1, ack: 1000 });
    kernel
      .at(34n)
      .ingress(CLIENT, local, { tsval: 35, tsecr: 5, seq: 1000, ack: 2 }, { toThisHost: true });
    expect(samples()).toEqual([
      { rtt: 25, srcPort: CLIENT.port, matchOnEgress: false, handshake: true },
    ]);
  });
});

describe('TCP Fast Open', () => {
  /** A SYN with a request, answered at once. */
  function open(tsval = 5): void {
    kernel = new Targets({ rate: 0n });
    kernel.at(0n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 999, payload: 500 });
    kernel.at(100n).ingress(SERVER, CLIENT, {
      flags: ['SYN', 'ACK'],
      tsval: 5,
      tsecr: 10,
      seq: 1,
      ack: 1500,
    });
    kernel.at(400n).ingress(SERVER, CLIENT, { tsval, tsecr: 10, seq: 2, ack: 1500, payload: 1000 });
  }
  const acknowledge = (at: bigint, tsecr: number, ack: number) =>
    kernel.at(at).egress(CLIENT, SERVER, { tsval: 30, tsecr, seq: 1500, ack });

  test('gives both RTTs of the handshake, and counts the payload of the SYN', () => {
    open();
    acknowledge(20_100n, 5, 2);
    acknowledge(20_400n, 5, 1002);
    expect(kernel.rtts()).toMatchObject([
      { rtt: 100, handshake: true, sentPackets: 1, sentBytes: 500 },
      { rtt: 20_000, handshake: true, recBytes: 500 },
      { rtt: 20_000, handshake: false },
    ]);
  });

  test('of which the SYN-ACK is acknowledged together with the data gives the RTT of both', () => {
    open(6);
    acknowledge(20_400n, 5, 1002);
    expect(samples().map(({ rtt, handshake }) => [rtt, handshake])).toEqual([
      [100, true],
      [20_300, true],
    ]);
  });

  test('counts what waits of a handshake among no identifiers', async () => {
    open();
    expect(await kernel.sweep()).toMatchObject({ timestamps: 1, slots: 0 });
    acknowledge(20_100n, 0, 1002);
    expect(await kernel.sweep()).toMatchObject({ timestamps: 1, timestampsDeleted: 1 });
    expect(kernel.counters()).toMatchObject({ remembered: 1, superseded: 1, handshakeMatched: 1 });
  });
});
