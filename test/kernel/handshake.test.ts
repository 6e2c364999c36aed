/** Handshakes: answered by kernels, so the cleanest RTTs there are. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, exchange, type Kernel, MILLISECOND, SECOND, SERVER } from '../helpers/kernel.js';
import { Targets } from '../helpers/targets.js';

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

  test('of which the SYN was not seen gives the second half', () => {
    kernel = new Targets();
    synAck(100n);
    lastAck(170n);
    expect(samples().map(({ rtt }) => rtt)).toEqual([70]);
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
    exchange(kernel, { sent: 40n, answered: 65n }, { tsval: 36, seq: 1000 });
    expect(samples()).toEqual([
      { rtt: 2, srcPort: CLIENT.port, matchOnEgress: true, handshake: true },
      { rtt: 25, srcPort: SERVER.port, matchOnEgress: false, handshake: false },
    ]);
  });

  test('that was refused leaves nothing behind', async () => {
    kernel = new Targets();
    syn(0n);
    kernel.at(20n).ingress(SERVER, CLIENT, { flags: ['RST', 'ACK'], options: Buffer.alloc(0) });
    exchange(kernel, { sent: 50n, answered: 75n }, { tsval: 36, seq: 1000 });
    expect(kernel.rtts()).toEqual([]);
    expect(kernel.flowEvents()).toEqual([]);
    expect(await kernel.sweep()).toMatchObject({ flows: 1 });
  });

  test('of an earlier attempt on the same ports counts no packets for this one', () => {
    kernel = new Targets();
    for (const seq of [100, 100, 999]) {
      kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq });
    }
    synAck(25n);
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
