import { describe, expect, test } from '@jest/globals';
import { Peers } from '../../src/summary/peers.js';
import { ipv4, NO_LOSSES, rttEvent } from '../helpers/events/events.js';

const MS = 1e6;
const host = (last: number) => ipv4(`10.0.${last >> 8}.${last & 0xff}`);

function record(peers: Peers, last: number, rtts: readonly number[], flowId = last): void {
  for (const rtt of rtts) {
    const ns = rtt * MS;
    peers.record(rttEvent({ srcAddress: host(last), flowId, rtt: ns, intervalMinRtt: ns }));
  }
}

const addresses = (peers: Peers, most = 10) =>
  peers.ranking(most).worst.map(({ address }) => address[15]);

describe('hosts', () => {
  test('are told the worst first: by how far the median is above the least, then by p99', () => {
    const peers = new Peers();
    record(peers, 1, [100, 100, 100]); // far away, and no queue
    record(peers, 2, [1, 30, 30]);
    record(peers, 3, [1, 50, 50]);
    record(peers, 4, [100, 100, 100, 900]);
    expect(addresses(peers)).toEqual([3, 2, 4, 1]);
    expect(addresses(peers, 2)).toEqual([3, 2]);
  });

  test('have their flows, samples, least, median and p99', () => {
    const peers = new Peers();
    record(peers, 7, [12, 20, 20], 1);
    record(peers, 7, [20, 400], 2);
    const [peer] = peers.ranking(1).worst;
    expect(peer).toMatchObject({ flows: 2, samples: 5, least: 12 * MS, p99: 400 * MS });
    const { median = 0, queueing } = peer ?? {};
    expect(Math.abs(median / MS - 20)).toBeLessThan(0.2);
    expect(queueing).toBe(median - 12 * MS);
  });

  test('a report that stands for several samples counts as these, with their least', () => {
    const peers = new Peers();
    peers.record(rttEvent({ rtt: 9 * MS, samples: 5, intervalMinRtt: 2 * MS }));
    expect(peers.ranking(1).worst).toMatchObject([{ samples: 5, least: 2 * MS, median: 9 * MS }]);
  });

  test('have the share of bytes that their flows have sent again, once each is enough', () => {
    const peers = new Peers();
    const of = (flowId: number, sentBytes: number, retransmittedBytes: number) => {
      const sentLosses = { ...NO_LOSSES, retransmittedBytes };
      const traffic = { sentBytes, sentLosses, recBytes: 0, recLosses: NO_LOSSES };
      peers.record(rttEvent({ srcAddress: host(1), flowId, ...traffic }));
      return peers.ranking(1).worst[0]?.resent;
    };
    expect(of(1, 90_000, 4_500)).toBeUndefined();
    expect(of(1, 120_000, 6_000)).toBe(0.05);
    expect(of(2, 120_000, 0)).toBe(0.025);
  });

  test('both ends of one flow are two hosts, with a flow each', () => {
    const peers = new Peers();
    const event = rttEvent({});
    peers.record(event);
    const { srcAddress, destAddress, srcPort, destPort } = event;
    const answer = { srcAddress: destAddress, destAddress: srcAddress };
    peers.record({ ...event, ...answer, srcPort: destPort, destPort: srcPort });
    expect(peers.ranking(9).worst.map(({ flows }) => flows)).toEqual([1, 1]);
  });
});

describe('when there is no room', () => {
  test('one that was not heard of again is forgotten, and counted', () => {
    const peers = new Peers({ most: 4 });
    for (let last = 0; last < 4; last++) record(peers, last, [1]);
    for (const again of [0, 2]) record(peers, again, [1]);
    record(peers, 4, [1]);
    expect(peers.ranking(0)).toEqual({ worst: [], size: 4, forgotten: 1 });
    expect(addresses(peers).sort()).toEqual([0, 2, 3, 4]);
    record(peers, 5, [1]);
    expect(addresses(peers).sort()).toEqual([0, 2, 4, 5]);
  });

  test('hosts that are heard of all the time outlast any number of others', () => {
    const peers = new Peers({ most: 8 });
    for (let other = 10; other < 200; other++) {
      for (const busy of [1, 2, 3]) record(peers, busy, [1]);
      record(peers, other, [1]);
    }
    const busy = peers.ranking(9).worst.filter(({ samples }) => samples === 190);
    expect(busy).toHaveLength(3);
  });

  test('one that comes back is there again, and begins anew', () => {
    const peers = new Peers({ most: 2 });
    record(peers, 1, [5]);
    record(peers, 2, [1]);
    record(peers, 3, [1]);
    expect(addresses(peers)).not.toContain(1);
    record(peers, 1, [50]);
    const back = peers.ranking(9).worst.find(({ address }) => address[15] === 1);
    expect(back).toMatchObject({ flows: 1, samples: 1, least: 50 * MS });
  });

  test('flows of a host that was forgotten meanwhile are its flows again, the old as the new', () => {
    const peers = new Peers({ most: 2 });
    record(peers, 1, [5], 101);
    record(peers, 2, [1]);
    record(peers, 3, [1]); // 1 is forgotten
    record(peers, 1, [9], 102);
    record(peers, 1, [9], 101);
    record(peers, 1, [9], 102);
    const known = peers.ranking(9).worst.filter(({ address }) => address[15] === 1);
    expect(known).toMatchObject([{ flows: 2, samples: 3 }]);
  });

  test('bytes of a flow are counted once, however many others there are', () => {
    const peers = new Peers({ mostDirections: 8 });
    const say = (flowId: number, sentBytes: number) =>
      peers.record(rttEvent({ srcAddress: host(1), flowId, sentBytes, recBytes: 0 }));
    for (let other = 10; other < 200; other++) {
      say(1, other * 1_000);
      say(other, 500);
    }
    expect(peers.ranking(1).worst).toMatchObject([{ flows: 191, bytes: 199_000 + 190 * 500 }]);
  });
});
