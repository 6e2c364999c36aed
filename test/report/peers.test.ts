import { expect, test } from '@jest/globals';
import { sortedBy } from '../../src/report/page/order.js';
import { countPeers, type PeerColumn, peerRows } from '../../src/report/page/peers.js';

const peers = [
  { address: '10.0.0.10', place: 0, samples: [3, 5, 0], flows: [1, 2, 0] },
  { address: '10.0.0.9', place: 1, samples: [2, 0, 0], flows: [2, 0, 0] },
  { address: 'fd00::1', place: 0, samples: [1, 0, 0], flows: [1, 0, 0] },
] satisfies Parameters<typeof peerRows>[0];
const samples = {
  times: new Float64Array(7),
  rtts: Float64Array.of(30, 10, 7, 20, 50, 40, 5),
  peers: Uint32Array.of(0, 0, 2, 0, 1, 1, 0),
  flags: Uint8Array.of(0, 4, 0, 0, 0, 0, 1),
};

test('each peer has the statistics of its own RTTs, of one side', () => {
  expect(peerRows(peers, samples, 0)).toEqual([
    row(0, '10.0.0.10', { flows: 1, samples: 3, least: 10, median: 20, p99: 30, most: 30 }),
    row(1, '10.0.0.9', { flows: 2, samples: 2, least: 40, median: 40, p99: 50, most: 50 }),
    row(2, 'fd00::1', { flows: 1, samples: 1, least: 7, median: 7, p99: 7, most: 7 }),
  ]);
  expect(peerRows(peers, samples, 1)).toEqual([
    row(0, '10.0.0.10', { flows: 2, samples: 5, least: 5, median: 5, p99: 5, most: 5 }),
  ]);
  expect(peerRows(peers, samples, 2)).toEqual([]);
});

test('a host that is seen at two places has two rows, and is one peer', () => {
  const twice = peers.map((each, place) => ({ ...each, address: '10.0.0.1', place }));
  const rows = peerRows(twice, samples, 0);
  expect(rows.map(({ place, least }) => [place, least])).toEqual([
    [0, 10],
    [1, 40],
    [2, 7],
  ]);
  expect(countPeers(rows)).toBe(1);
});

test('the percentiles of a peer are of the RTTs that tell its path', () => {
  const COUNT = 80;
  const isSlow = (index: number) => index % 4 > 0;
  const many = {
    times: new Float64Array(COUNT),
    rtts: Float64Array.from({ length: COUNT }, (_, index) => (isSlow(index) ? 600 : 100) + index),
    peers: new Uint32Array(COUNT),
    flags: Uint8Array.from({ length: COUNT }, (_, index) => (isSlow(index) ? 8 : 0)),
  };
  expect(peerRows(peers.slice(0, 1), many, 0)).toMatchObject([
    { least: 100, median: 136, p99: 176, most: 176, queueing: 36 },
  ]);
  many.flags[0] = 8; // so there are too few of the others
  expect(peerRows(peers.slice(0, 1), many, 0)).toMatchObject([{ least: 100, most: 679 }]);
});

test('a peer has waited beyond the least of all its RTTs, in those that tell its path', () => {
  const COUNT = 80;
  const isSlow = (index: number) => index % 2 > 0;
  const many = {
    times: new Float64Array(COUNT),
    rtts: Float64Array.from({ length: COUNT }, (_, index) => (isSlow(index) ? 600 : 100)),
    peers: new Uint32Array(COUNT),
    flags: Uint8Array.from({ length: COUNT }, (_, index) => (isSlow(index) ? 8 : 0)),
  };
  many.rtts[1] = 70; // with data
  expect(peerRows(peers.slice(0, 1), many, 0)).toMatchObject([
    { least: 70, median: 100, most: 100, queueing: 30 },
  ]);
});

test('what an application always takes is no queue, where there is little else', () => {
  const COUNT = 80;
  const isHandshake = (index: number) => index % 10 === 0;
  const many = {
    times: Float64Array.from({ length: COUNT }, (_, index) => index),
    rtts: Float64Array.from({ length: COUNT }, (_, index) => (isHandshake(index) ? 10 : 600)),
    peers: new Uint32Array(COUNT),
    flags: Uint8Array.from({ length: COUNT }, (_, index) => (isHandshake(index) ? 0 : 8)),
  };
  expect(peerRows(peers.slice(0, 1), many, 0)).toMatchObject([
    { least: 10, median: 600, queueing: 0 },
  ]);
});

test.each<[PeerColumn, boolean, number[]]>([
  ['queueing', true, [0, 1, 2]],
  ['queueing', false, [1, 2, 0]],
  ['address', false, [1, 0, 2]],
  ['address', true, [2, 0, 1]],
  ['flows', true, [1, 0, 2]],
  ['most', false, [2, 0, 1]],
  ['place', false, [0, 2, 1]],
])('in the order of %s, descending: %s', (column, isDescending, expected) => {
  const rows = sortedBy(
    peerRows(peers, samples, 0),
    { column, isDescending },
    ({ address }) => address,
  );
  expect(rows.map(({ peer }) => peer)).toEqual(expected);
});

function row(
  peer: number,
  address: string,
  rest: {
    flows: number;
    samples: number;
    least: number;
    median: number;
    p99: number;
    most: number;
  },
) {
  const place = peers[peer]?.place;
  return { peer, address, place, ...rest, queueing: rest.median - rest.least };
}
