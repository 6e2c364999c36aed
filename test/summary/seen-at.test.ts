import { describe, expect, test } from '@jest/globals';
import type { SeenAt } from '../../src/events/places.js';
import type { Answer } from '../../src/events/types.js';
import { Pairing } from '../../src/summary/path-kind.js';
import { BySeenAt } from '../../src/summary/seen-at.js';
import { rttEvent } from '../helpers/events/events.js';

const at = (name: string): SeenAt => ({ capture: undefined, interface: name });
const MILLISECOND = 1_000_000;

/** By place: there is a connection at each. */
let pairings: Pairing[];

/** Names by place; a place without one has none. */
function recorded(names: readonly (string | undefined)[], ...places: readonly number[]) {
  pairings = [];
  const groups = new BySeenAt((place) => {
    const name = names[place];
    return name === undefined ? undefined : at(name);
  });
  for (const place of places) record(groups, place, (place + 1) * MILLISECOND, 'ack');
  return groups;
}

function record(groups: BySeenAt, place: number, rtt: number, answer: Answer): void {
  pairings[place] ??= new Pairing();
  const pair = pairings[place].next(rtt, answer);
  groups.record(rttEvent({ flowId: place + 1, place, rtt, answer }), rtt, pair);
}

const told = (groups: BySeenAt) =>
  groups.all().map(({ seenAt, rtts }) => [seenAt?.interface, rtts.all.total]);

test('RTTs are told by name, in the order in which names came', () => {
  expect(told(recorded(['a', 'b'], 1, 0, 1))).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
});

test('places of one name, such as its VLANs, are one', () => {
  expect(told(recorded(['a', 'b', 'a'], 0, 1, 2))).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('nothing is told where all are of one', () => {
  expect(told(recorded(['a', 'a'], 0, 1))).toEqual([]);
  expect(told(recorded([], 0, 1))).toEqual([]);
});

test('those without a name are together', () => {
  expect(told(recorded(['a'], 0, 1, 2))).toEqual([
    ['a', 1],
    [undefined, 2],
  ]);
});

test('of a hundred names, those beyond the first are together', () => {
  const names = Array.from({ length: 100 }, (_, index) => `eth${index}`);
  const groups = told(recorded(names, ...names.keys()));
  expect(groups).toHaveLength(65);
  expect(groups.at(-1)).toEqual([undefined, 36]);
});

describe('which tell the path', () => {
  test('is decided for each place, by pairs of its own connections', () => {
    const groups = recorded(['near', 'far'], 0, 1);
    for (let count = 0; count < 30; count++) {
      // Near the answering host its kernel is slower than data is, behind it an application.
      record(groups, 0, 40 * MILLISECOND, 'ack');
      record(groups, 0, MILLISECOND, 'data');
      record(groups, 1, MILLISECOND, 'ack');
      record(groups, 1, 15 * MILLISECOND, 'data');
    }
    const kinds = groups.all().map(({ seenAt, rtts }) => [seenAt?.interface, rtts.path.kind]);
    expect(kinds).toEqual([
      ['near', 'data'],
      ['far', 'kernel'],
    ]);
  });

  test('what is overdue is in all of them', () => {
    const groups = recorded(['a', 'b'], 0, 1);
    record(groups, 0, 9 * MILLISECOND, 'data');
    groups.recordOverdue(1, 5 * MILLISECOND);
    const of = (kind: 'kernel' | 'data') => groups.all().map(({ rtts }) => rtts.ofKind(kind).total);
    expect(of('kernel')).toEqual([1, 2]);
    expect(of('data')).toEqual([1, 1]);
  });
});
