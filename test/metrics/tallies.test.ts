import { expect, test } from '@jest/globals';
import { BoundedTallies } from '../../src/metrics/tallies.js';
import type { InterfaceTally } from '../../src/visibility/interface-change.js';

const tally = (name: string, egress: number): InterfaceTally => {
  return { name, egress, ingress: 1, bytes: 10, isWatched: name !== '' };
};
const told = (tallies: readonly InterfaceTally[]) =>
  tallies.map(({ name, egress, ingress, bytes }) => [name, egress, ingress, bytes]);

test('interfaces up to the bound have their names, the rest is one without', () => {
  const tallies = new BoundedTallies(2);
  const first = ['eth0', 'eth1', 'eth2', ''].map((name, at) => tally(name, at + 1));
  expect(told(tallies.bounded(first))).toEqual([
    ['eth0', 1, 1, 10],
    ['eth1', 2, 1, 10],
    ['', 7, 2, 20],
  ]);
});

test('those that came first keep their place, in whatever order they come', () => {
  const tallies = new BoundedTallies(1);
  tallies.bounded([tally('eth0', 1)]);
  expect(told(tallies.bounded([tally('eth1', 5), tally('eth0', 2)]))).toEqual([
    ['', 5, 1, 10],
    ['eth0', 2, 1, 10],
  ]);
});

test('of several namespaces the same name is two', () => {
  const tallies = new BoundedTallies(2);
  const all = ['web', 'db', undefined].map((netns, at) => ({ ...tally('eth0', at + 1), netns }));
  expect(tallies.bounded(all).map(({ netns, name, egress }) => [netns, name, egress])).toEqual([
    ['web', 'eth0', 1],
    ['db', 'eth0', 2],
    [undefined, '', 3],
  ]);
});

test('what is counted among the others from now on stays where it was told', () => {
  const tallies = new BoundedTallies(1);
  tallies.bounded([tally('eth0', 100), tally('', 5)]);
  const gone = [tally('', 5 + 102)];
  expect(told(tallies.bounded(gone))).toEqual([
    ['', 7, 0, 0],
    ['eth0', 100, 1, 10],
  ]);
  // One of the same name begins at 0.
  expect(told(tallies.bounded([...gone, tally('eth0', 3)]))).toEqual([
    ['', 7, 0, 0],
    ['eth0', 103, 2, 20],
  ]);
  expect(told(tallies.bounded([...gone, tally('eth0', 4)]))).toEqual([
    ['', 7, 0, 0],
    ['eth0', 104, 2, 20],
  ]);
});

test('one that came back between two readings goes on from what it had, once it has had more', () => {
  const tallies = new BoundedTallies(1);
  tallies.bounded([tally('eth0', 100)]);
  const readings = [3, 101].map((now) =>
    told(tallies.bounded([tally('', 100), tally('eth0', now)])),
  );
  expect(readings.map((reading) => reading.map(([name, egress]) => [name, egress]))).toEqual([
    [
      ['', 3],
      ['eth0', 100],
    ],
    [
      ['', 3],
      ['eth0', 198],
    ],
  ]);
});

test('of one that was several, a part may be among the others: nothing counts twice', () => {
  const tallies = new BoundedTallies(1);
  tallies.bounded([tally('eth0', 100), tally('eth0', 50)]);
  const [rest, eth0] = tallies.bounded([tally('', 100), tally('eth0', 60)]);
  expect([rest?.egress, eth0?.egress]).toEqual([10, 150]);
});

test('one that has had nothing is not told once it is gone', () => {
  const tallies = new BoundedTallies(1);
  tallies.bounded([{ ...tally('eth0', 0), ingress: 0, bytes: 0 }]);
  expect(tallies.bounded([])).toEqual([]);
});
