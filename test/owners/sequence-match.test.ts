import { describe, expect, test } from '@jest/globals';
import type { UnownedFlow } from '../../src/attribution/unowned-flow.js';
import { type Found, findBySequence, MOST_CHANCE } from '../../src/owners/sequence-match.js';
import { atRest, flow, type Socket, walked } from '../helpers/owners/open-connections.js';

const [A, B] = [1_000_000, 4_000_000_000];
/** Each end has said where it is. */
const resting = flow(7, [
  { nextSeq: A, ack: B },
  { nextSeq: B, ack: A },
]);

const told = (verdicts: readonly Found[]) =>
  verdicts.map((each) =>
    each.is === 'owned' ? [each.flow.id, each.end, each.owner.cookie] : [each.flow.id, each.is],
  );
const found = (before: UnownedFlow, after: UnownedFlow, ...sockets: readonly Socket[]) =>
  told(findBySequence([before], walked(...sockets), [after]));
const foundAtRest = (...sockets: readonly Socket[]) => found(resting, resting, ...sockets);

describe('of a connection at rest', () => {
  test('its socket is found at either end, whatever its addresses are', () => {
    expect(foundAtRest({ cookie: 5n, ...atRest(A, B) })).toEqual([[7, 0, 5n]]);
    expect(foundAtRest({ cookie: 5n, ...atRest(B, A) })).toEqual([[7, 1, 5n]]);
  });

  test.each([2, -2])('one that is %i bytes beside it in either space is not', (by) => {
    expect(foundAtRest({ cookie: 5n, ...atRest(A + by, B) })).toEqual([]);
    expect(foundAtRest({ cookie: 5n, ...atRest(A, B + by) })).toEqual([]);
  });

  test('nor is one with both ends as on the wire, but other sequence numbers', () => {
    const ends = [
      { host: 1, port: 10 },
      { host: 2, port: 20 },
    ] as const;
    const [own, peer] = ends;
    const it = flow(7, resting.sent, ends);
    expect(found(it, it, { cookie: 5n, own, peer, ...atRest(A + 500, B) })).toEqual([]);
    expect(found(it, it, { cookie: 5n, own, peer, ...atRest(A, B) })).toEqual([[7, 0, 5n]]);
  });

  test('two sockets that fit are none', () => {
    const one = { cookie: 5n, ...atRest(A, B) };
    expect(foundAtRest(one, { ...one, cookie: 6n })).toEqual([]);
    expect(foundAtRest(one, { ...one, cookie: 6n, ...atRest(A + 3, B) })).toEqual([[7, 0, 5n]]);
  });

  test('a socket that several processes have is one, and the first of theirs', () => {
    const socket = { cookie: 5n, ...atRest(A, B) };
    const [verdict] = findBySequence(
      [resting],
      walked(
        { ...socket, pid: 1, started: 1n },
        { ...socket, pid: 30, started: 9n, comm: 'child' },
        { ...socket, pid: 20, started: 8n, comm: 'parent', uid: 33, cgroup: 77n },
        { ...socket, pid: 31, started: 10n },
      ),
      [resting],
    );
    const owner = { pid: 20, commBytes: Buffer.from('parent'), uid: 33, cgroup: 77n };
    expect(verdict).toMatchObject({ is: 'owned', owner });
  });

  test('the same where sequence numbers begin anew', () => {
    const it = flow(7, [
      { nextSeq: 3, ack: B },
      { nextSeq: B, ack: 3 },
    ]);
    const before = flow(7, [
      { nextSeq: 0xffff_fff0, ack: B },
      { nextSeq: B, ack: 0xffff_fff0 },
    ]);
    const socket = { cookie: 5n, ...atRest(0xffff_fffe, B) };
    expect(found(before, it, socket)).toEqual([[7, 0, 5n]]);
    expect(found(it, it, socket)).toEqual([]);
  });

  test.each([
    ['what this end has sent', 0],
    ['what the other end has sent', 1],
  ])('seen is only %s', (_, end) => {
    const sent = resting.sent[end as 0 | 1];
    const it = flow(7, end === 0 ? [sent, {}] : [{}, sent]);
    expect(found(it, it, { cookie: 5n, ...atRest(A, B) })).toEqual([[7, 0, 5n]]);
    expect(found(it, it, { cookie: 5n, ...atRest(A + 2, B) })).toEqual([]);
    expect(found(it, it, { cookie: 5n, ...atRest(A, B - 2) })).toEqual([]);
  });

  test('what was met with a probe, which is sent again from before what was acknowledged', () => {
    const it = flow(7, [{ nextSeq: A - 1, ack: B }, {}]);
    expect(found(it, it, { cookie: 5n, ...atRest(A, B) })).toEqual([[7, 0, 5n]]);
  });

  test('where too little is known nothing is found', () => {
    const it = flow(7, [{ nextSeq: A }, {}]);
    expect(found(it, it, { cookie: 5n, ...atRest(A, B) })).toEqual([]);
    expect(told(findBySequence([], walked({ cookie: 5n, ...atRest(A, B) }), [resting]))).toEqual(
      [],
    );
    expect(told(findBySequence([resting], walked({ cookie: 5n, ...atRest(A, B) }), []))).toEqual(
      [],
    );
  });
});

describe('of a connection that goes on', () => {
  const later = (sent: number, received: number) =>
    flow(7, [
      { nextSeq: A + sent, ack: B + received },
      { nextSeq: B + received, ack: A + sent },
    ]);
  const at = (sndUna: number, sndNxt: number, rcv: number): Socket => ({
    cookie: 5n,
    ...{ sndUna: A + sndUna, sndNxt: A + sndNxt, rcvWup: B + rcv, rcvNxt: B + rcv },
  });

  test('its socket is between what was seen before and after', () => {
    const after = later(5_000, 300);
    expect(found(resting, after, at(1_000, 2_000, 100))).toEqual([[7, 0, 5n]]);
    expect(found(resting, after, at(0, 0, 0))).toEqual([[7, 0, 5n]]);
    expect(found(resting, after, at(5_000, 5_000, 300))).toEqual([[7, 0, 5n]]);
    // It has sent what nobody has seen yet.
    expect(found(resting, after, at(5_000, 9_000, 300))).toEqual([[7, 0, 5n]]);
    expect(found(resting, after, at(5_002, 9_000, 300))).toEqual([]);
    expect(found(resting, after, at(-1_000, -1, 300))).toEqual([]);
    expect(found(resting, after, at(1_000, 2_000, 302))).toEqual([]);
    expect(found(resting, after, at(1_000, 2_000, -1))).toEqual([]);
  });

  test('and fits while what it has sent waits to be acknowledged', () => {
    const waiting = flow(7, [
      { nextSeq: A + 90_000, ack: B },
      { nextSeq: B, ack: A },
    ]);
    expect(found(waiting, waiting, at(0, 90_000, 0))).toEqual([[7, 0, 5n]]);
    expect(found(waiting, waiting, at(0, 89_999, 0))).toEqual([]);
    expect(found(waiting, waiting, at(2, 90_000, 0))).toEqual([]);
  });

  test('one way as fast as may be, while the other is at rest', () => {
    const after = later(400_000_000, 0);
    expect(found(resting, after, at(200_000_000, 203_000_000, 0))).toEqual([[7, 0, 5n]]);
    expect(found(resting, after, at(200_000_000, 203_000_000, 2))).toEqual([]);
    // In flight more than is looked up by parts.
    expect(found(resting, after, at(200_000_000, 240_000_000, 0))).toEqual([[7, 0, 5n]]);
  });

  test(`both ways so fast that another may fit by chance, by more than ${MOST_CHANCE}, it is not told`, () => {
    const width = Math.sqrt(2 ** 64 * MOST_CHANCE);
    const [narrow, wide] = [Math.floor(width * 0.99), Math.ceil(width * 1.01)];
    const half = Math.floor(narrow / 2);
    expect(found(resting, later(narrow, narrow), at(half, half, half))).toEqual([[7, 0, 5n]]);
    expect(found(resting, later(wide, wide), at(half, half, half))).toEqual([]);
    // The more sockets there are, the narrower it has to be.
    const others = Array.from({ length: 100 }, (_, nth) => ({
      cookie: 100n + BigInt(nth),
      ...atRest(2_000_000_000, 3_000_000_000),
    }));
    expect(found(resting, later(narrow, narrow), at(half, half, half), ...others)).toEqual([]);
    const few = Math.floor(narrow / 11);
    expect(found(resting, later(few, few), at(few, few, few), ...others)).toEqual([[7, 0, 5n]]);
  });

  test('with both ends as on the wire it is one of few, however many there are', () => {
    const ends = [
      { host: 1, port: 10 },
      { host: 2, port: 20 },
    ] as const;
    const [own, peer] = ends;
    const width = Math.floor(Math.sqrt(2 ** 64 * MOST_CHANCE) * 0.9);
    const [before, after] = [resting, later(width, width)].map((each) => flow(7, each.sent, ends));
    const others = Array.from({ length: 100 }, (_, nth) => ({
      cookie: 100n + BigInt(nth),
      ...atRest(2_000_000_000, 3_000_000_000),
    }));
    const socket = at(1_000, 1_000, 1_000);
    const its = (ends: Partial<Socket>) =>
      told(
        findBySequence([before as UnownedFlow], walked({ ...socket, ...ends }, ...others), [
          after as UnownedFlow,
        ]),
      );
    expect(its({ own, peer })).toEqual([[7, 0, 5n]]);
    expect(its({ own })).toEqual([]);
    expect(its({ peer })).toEqual([]);
    expect(its({ own: peer, peer: own })).toEqual([]);
  });
});

describe('with both ends on this machine', () => {
  const client = { cookie: 5n, own: { host: 1, port: 40_000 }, ...atRest(A, B) };
  const server = { cookie: 6n, own: { host: 2, port: 80 }, namespace: 2, ...atRest(B, A) };
  const listener = { cookie: 9n, own: { host: 0, port: 80 }, namespace: 2, isListening: true };

  test('it is the one that has connected: where the other is, somebody listens', () => {
    expect(foundAtRest(client, server, listener)).toEqual([[7, 0, 5n]]);
    expect(
      foundAtRest(listener, { ...client, ...atRest(B, A) }, { ...server, ...atRest(A, B) }),
    ).toEqual([[7, 1, 5n]]);
  });

  test('where that cannot be told it is none', () => {
    expect(foundAtRest(client, server)).toEqual([]);
    expect(foundAtRest(client, server, { ...listener, namespace: 3 })).toEqual([]);
    const another = { cookie: 8n, own: { host: 1, port: 40_000 }, isListening: true };
    expect(foundAtRest(client, server, listener, another)).toEqual([]);
  });

  test('two that fit one end are none, though there is one at the other', () => {
    expect(foundAtRest(client, { ...client, cookie: 4n }, server, listener)).toEqual([]);
  });

  test('it is the one that is asked for', () => {
    const of = (wanted: readonly bigint[]) =>
      told(
        findBySequence([resting], walked(client, server, listener), [resting], ({ cookie }) =>
          wanted.includes(cookie),
        ),
      );
    expect(of([6n])).toEqual([[7, 1, 6n]]);
    expect(of([5n, 6n])).toEqual([[7, 0, 5n]]);
    expect(of([])).toEqual([[7, 'refused']]);
  });

  test('of the one that is not asked for alone it is told, since the other may come', () => {
    const of = (...sockets: readonly Socket[]) =>
      told(findBySequence([resting], walked(...sockets), [resting], ({ cookie }) => cookie === 6n));
    expect(of(client, listener)).toEqual([[7, 'unwanted']]);
    expect(of(server, listener)).toEqual([[7, 1, 6n]]);
  });
});

test('each of thousands finds its own among thousands of others, and none of those of nobody', () => {
  let seed = 1;
  const next = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed;
  };
  const sockets: Socket[] = Array.from({ length: 5_000 }, (_, nth) => ({
    cookie: BigInt(nth + 1),
    ...atRest(next(), next()),
  }));
  const flows = sockets.slice(0, 2_000).map(({ sndNxt: a = 0, rcvNxt: b = 0 }, nth) =>
    flow(nth + 1, [
      { nextSeq: a, ack: b },
      { nextSeq: b, ack: a },
    ]),
  );
  const nobodys = Array.from({ length: 2_000 }, (_, nth) => {
    const [a, b] = [next(), next()];
    return flow(10_000 + nth, [
      { nextSeq: a, ack: b },
      { nextSeq: b, ack: a },
    ]);
  });
  const all = [...flows, ...nobodys];
  expect(told(findBySequence(all, walked(...sockets), all))).toEqual(
    flows.map(({ id }) => [id, 0, BigInt(id)]),
  );
});
