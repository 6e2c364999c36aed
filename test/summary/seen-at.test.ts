import { describe, expect, test } from '@jest/globals';
import type { SeenAt } from '../../src/events/places.js';
import type { Answer } from '../../src/events/types.js';
import { ByAnswer } from '../../src/summary/by-answer.js';
import { Pairing } from '../../src/summary/path-kind.js';
import { BySeenAt } from '../../src/summary/seen-at.js';
import { rttEvent } from '../helpers/events/events.js';

const at = (name: string): SeenAt => ({ capture: undefined, interface: name });
const MILLISECOND = 1_000_000;

/** By place: there is a connection at each. */
let pairings: Pairing[];
/** Of all places. */
let all: ByAnswer;

/** Names by place; a place without one has none. */
function recorded(names: readonly (string | undefined)[], ...places: readonly number[]) {
  pairings = [];
  all = new ByAnswer(undefined, true);
  const seenAtOf = (place: number) => {
    const name = names[place];
    return name === undefined ? undefined : at(name);
  };
  const groups = new BySeenAt(seenAtOf, all);
  for (const place of places) record(groups, place, (place + 1) * MILLISECOND, 'ack');
  return groups;
}

function record(groups: BySeenAt, place: number, rtt: number, answer: Answer): void {
  pairings[place] ??= new Pairing();
  const pair = pairings[place].next(rtt, answer);
  groups.record(rttEvent({ flowId: place + 1, place, rtt, answer }), rtt, pair);
  all.record(rtt, answer);
}

function recordOverdue(groups: BySeenAt, place: number, waited: number): void {
  groups.recordOverdue(place, waited);
  all.recordOverdue(waited);
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
    recordOverdue(groups, 1, 5 * MILLISECOND);
    const of = (kind: 'kernel' | 'data') => groups.all().map(({ rtts }) => rtts.ofKind(kind).total);
    expect(of('kernel')).toEqual([1, 2]);
    expect(of('data')).toEqual([1, 1]);
  });
});

describe('before there is a second name', () => {
  /** By place, of which the second comes late. */
  function late(): BySeenAt {
    const groups = recorded(['a', 'b']);
    for (let count = 0; count < 30; count++) {
      record(groups, 0, MILLISECOND, 'ack');
      record(groups, 0, 15 * MILLISECOND, 'data');
    }
    record(groups, 0, 3 * MILLISECOND, 'handshake');
    recordOverdue(groups, 0, 90 * MILLISECOND);
    return groups;
  }

  test('what was measured is of the first', () => {
    const groups = late();
    record(groups, 1, 2 * MILLISECOND, 'ack');
    record(groups, 0, 7 * MILLISECOND, 'ack');
    const [a, b] = groups.all();
    expect(a?.rtts.counts).toEqual({ kernel: 32, data: 30 });
    expect([a?.rtts.all.total, a?.rtts.most, a?.rtts.kernel.most]).toEqual([
      63,
      90 * MILLISECOND,
      7 * MILLISECOND,
    ]);
    expect(a?.rtts.path.kind).toBe('kernel');
    expect([b?.rtts.all.total, b?.rtts.most]).toEqual([1, 2 * MILLISECOND]);
  });

  test('its pairs are those of its connections, and not of hosts', () => {
    const groups = recorded(['a', 'b']);
    const rtt = rttEvent({ place: 0, rtt: MILLISECOND, answer: 'ack' });
    for (let count = 0; count < 60; count++) {
      groups.record({ ...rtt, answer: count % 2 === 0 ? 'ack' : 'data' }, MILLISECOND, 'dataLater');
      all.record(MILLISECOND, count % 2 === 0 ? 'ack' : 'data', 'alike');
    }
    expect([all.path.kind, groups.kindOf(at('a'))]).toEqual(['all', 'kernel']);
    record(groups, 1, MILLISECOND, 'ack');
    expect(groups.all()[0]?.rtts.path.kind).toBe('kernel');
  });

  test('which tell the path is known at any time, and goes on from there', () => {
    const groups = late();
    expect(groups.kindOf(at('a'))).toBe('kernel');
    record(groups, 0, 4 * MILLISECOND, 'ack');
    expect(groups.all()).toEqual([]);
    record(groups, 1, MILLISECOND, 'ack');
    expect(told(groups)).toEqual([
      ['a', 63],
      ['b', 1],
    ]);
  });
});
