import { describe, expect, test } from '@jest/globals';
import type { AttributionOf } from '../../src/attribution/owner.js';
import type { SeenAtOf } from '../../src/events/places.js';
import type { FlowEvent, KernelEvent, RttEvent } from '../../src/events/types.js';
import { type RowKind, Rows } from '../../src/screen/rows.js';
import { MS } from '../helpers/command/screen.js';
import { DOCUMENTATION_A, flowEvent, ipv4, reversed, rttEvent } from '../helpers/events/events.js';
import { namesOf } from '../helpers/events/names.js';
import { KnownFlows } from '../helpers/events/owners.js';

const SECOND = 1e9;
const START = 7_002 * SECOND;

/** At so many seconds after the start; the RTT in ms. */
function at(second: number, rtt: number, overrides: Partial<RttEvent> = {}): RttEvent {
  const ns = rtt * MS;
  const timestamp = BigInt(START + second * SECOND);
  return rttEvent({ timestamp, rtt: ns, intervalMinRtt: ns, minRtt: ns, ...overrides });
}

function rowsOf(...events: readonly Parameters<Rows['accept']>[0][]): Rows {
  const rows = new Rows();
  for (const event of events) rows.accept(event);
  return rows;
}

const lookAt = (rows: Rows, kind: RowKind, second = 0) => rows.look(kind, START + second * SECOND);
const namesIn = (rows: Rows, kind: RowKind) =>
  lookAt(rows, kind).map(({ side, name }) => `${side} ${name}`);

test('nothing seen, nothing to show', () => {
  expect([lookAt(new Rows(), 'peers'), lookAt(new Rows(), 'flows')]).toEqual([[], []]);
});

describe('a row', () => {
  test('has what was measured, and for how long nothing came', () => {
    const rows = rowsOf(at(0, 10), at(1, 30), at(2, 30), at(3, 20));
    const [row] = lookAt(rows, 'peers', 8);
    expect(row).toMatchObject({ name: '192.0.2.1', side: 'beyond', isClosed: false, samples: 4 });
    expect(row).toMatchObject({ last: 20 * MS, least: 10 * MS, p99: 30 * MS, age: 5 * SECOND });
    expect(Math.abs((row?.median ?? 0) / MS - 20)).toBeLessThan(0.2);
    expect(row?.queueing).toBe((row?.median ?? 0) - 10 * MS);
    expect(row?.lastMinute.trimEnd()).toMatch(/^ +█▆$/);
  });

  test('counts what was held back, with its least RTT, but not the flow’s from before', () => {
    const held = { samples: 5, intervalMinRtt: 4 * MS, minRtt: MS };
    expect(lookAt(rowsOf(at(0, 10, held)), 'flows')).toMatchObject([{ samples: 5, least: 4 * MS }]);
  });

  test('has the least RTT of the last 5 minutes; the median is of the last seconds', () => {
    const rows = rowsOf(at(0, 1), at(200, 50), at(299, 50));
    expect(lookAt(rows, 'peers', 299)).toMatchObject([
      { least: MS, median: 50 * MS, queueing: 49 * MS },
    ]);
    rows.accept(at(351, 50));
    expect(lookAt(rows, 'peers', 351)).toMatchObject([{ least: 50 * MS, queueing: 0 }]);
  });

  test('has the least RTT of the window that was asked for', () => {
    const [forgetful, faithful] = [new Rows({ window: 10 * SECOND }), new Rows({ window: 0 })];
    for (const event of [at(0, 1), at(900, 50)]) {
      forgetful.accept(event);
      faithful.accept(event);
    }
    expect(lookAt(forgetful, 'flows', 900)).toMatchObject([{ least: 50 * MS }]);
    expect(lookAt(faithful, 'flows', 900)).toMatchObject([{ least: MS, queueing: 49 * MS }]);
  });

  test('is never younger than now, nor does it queue for less than nothing', () => {
    const rows = rowsOf(at(1, 10, { intervalMinRtt: 20 * MS }));
    expect(lookAt(rows, 'peers', 0)).toMatchObject([{ age: 0, queueing: 0 }]);
  });
});

describe('peers', () => {
  test('are the responders: all flows of a host are one', () => {
    const rows = rowsOf(at(0, 10), at(0, 30, { flowId: 8, destPort: 51_516 }));
    expect(lookAt(rows, 'peers')).toMatchObject([{ name: '192.0.2.1', samples: 2 }]);
    expect(lookAt(rows, 'flows')).toHaveLength(2);
  });

  test('have the share of bytes in flows that were measured, where that is not all', () => {
    const { srcAddress: destAddress } = rttEvent();
    const bytes = { sentBytes: 3_000, recBytes: 0 };
    const closing = { change: 'closing', reason: 'RST', ...bytes, destAddress } as const;
    const measured = (event: FlowEvent) =>
      lookAt(rowsOf(at(0, 10, { ...bytes, recBytes: 6_000 }), event), 'peers')[0]?.measured;
    expect(measured(flowEvent(closing))).toBeUndefined();
    expect(measured(flowEvent({ ...closing, unmeasuredDest: 'unanswered' }))).toBe(0.75);
  });

  test('of the two sides are apart, also where it is one host', () => {
    const other = { flowId: 8, matchOnEgress: true };
    expect(namesIn(rowsOf(at(0, 10), at(0, 30, other)), 'peers')).toEqual([
      ...['beyond 192.0.2.1', 'behind 192.0.2.1'],
    ]);
  });
});

describe('flows', () => {
  const there = at(0, 10);
  const back = { ...reversed(at(0, 30)), matchOnEgress: true };

  test('are named responder first, each direction a row of its own', () => {
    expect(namesIn(rowsOf(there, back), 'flows')).toEqual([
      'beyond 192.0.2.1:443+198.51.100.2:51515',
      'behind 198.51.100.2:51515+192.0.2.1:443',
    ]);
  });

  test('have a row for each direction also where both are on one side, as on lo', () => {
    const rows = rowsOf(there, { ...back, matchOnEgress: false }, there);
    expect(lookAt(rows, 'flows').map(({ samples }) => samples)).toEqual([2, 1]);
  });

  test('of IPv6 have brackets', () => {
    const ends = {
      srcAddress: DOCUMENTATION_A,
      destAddress: DOCUMENTATION_A,
      ipVersion: 6,
    } as const;
    expect(namesIn(rowsOf(at(0, 10, ends)), 'flows')).toEqual([
      'beyond [2001:db8::1]:443+[2001:db8::1]:51515',
    ]);
  });

  test.each([
    ['src', flowEvent({ change: 'closing', reason: 'FIN' })],
    ['dest', reversed(flowEvent({ change: 'closing', reason: 'RST' }))],
  ])('that close are marked in both directions, whoever closes: %s', (_, closing) => {
    const another = at(0, 10, { flowId: 8 });
    const rows = rowsOf(there, back, another, closing);
    expect(lookAt(rows, 'flows').map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    expect(lookAt(rows, 'peers').map(({ isClosed }) => isClosed)).toEqual([false, false]);
  });

  test('that open, or were never measured, are no rows', () => {
    const rows = rowsOf(flowEvent(), flowEvent({ change: 'closing' }));
    expect(lookAt(rows, 'flows')).toEqual([]);
    expect(lookAt(rowsOf(there, flowEvent()), 'flows')).toMatchObject([{ isClosed: false }]);
  });
});

describe('what is not measured by TCP', () => {
  const echo = { protocol: 'ICMP', srcPort: 4711, destPort: 4711, answer: 'reply' } as const;

  test('has rows of its own, and no ports', () => {
    const rows = rowsOf(at(0, 10), at(0, 30, { ...echo, flowId: 8 }));
    expect(namesIn(rows, 'peers')).toEqual(['beyond 192.0.2.1', 'beyond 192.0.2.1 ICMP']);
    expect(lookAt(rows, 'peers').map(({ last }) => last)).toEqual([10 * MS, 30 * MS]);
    expect(namesIn(rows, 'flows')).toEqual([
      'beyond 192.0.2.1:443+198.51.100.2:51515',
      'beyond 192.0.2.1+198.51.100.2 ICMP id 4711',
    ]);
  });

  test('is of one host beside it', () => {
    const rows = rowsOf(at(0, 10), at(0, 30, { ...echo, flowId: 8 }));
    expect(lookAt(rows, 'peers').map(({ subject }) => subject)).toEqual(['192.0.2.1', '192.0.2.1']);
  });

  test('ends by its name, too', () => {
    const closing = flowEvent({ ...echo, flowId: 8, change: 'closing', reason: 'flow timeout' });
    const rows = rowsOf(at(0, 30, { ...echo, flowId: 8 }), closing);
    expect(lookAt(rows, 'flows')).toMatchObject([{ isClosed: true }]);
  });

  test('has names of hosts', () => {
    const rows = new Rows({ names: namesOf({ '192.0.2.1': 'a.example' }) });
    rows.accept(at(0, 30, echo));
    expect(namesIn(rows, 'peers')).toEqual(['beyond a.example ICMP']);
    expect(namesIn(rows, 'flows')).toEqual(['beyond a.example+198.51.100.2 ICMP id 4711']);
  });
});

describe('owners', () => {
  const known = new KnownFlows();
  known.set(1, { owner: { unit: 'a.service' } });
  known.set(2, { owner: { unit: 'a.service', pid: 7 } });
  known.set(3, { owner: { cgroup: '/\u001b[2J' } });
  known.set(4, {});

  test('are rows of their own, whatever their hosts; the sides apart', () => {
    const rows = new Rows({ attributionOf: known.of });
    for (const flowId of [1, 2, 3, 4, 5, 1]) rows.accept(at(0, 10, { flowId }));
    rows.accept(at(0, 10, { ...reversed(at(0, 10)), flowId: 1, matchOnEgress: true }));
    expect(
      lookAt(rows, 'owners').map(({ side, name, samples }) => `${side} ${name} ${samples}`),
    ).toEqual([
      'beyond a.service 3',
      'beyond /\\u001b[2J 1',
      'beyond (no socket here) 1',
      'beyond (not known) 1',
      'behind a.service 1',
    ]);
    expect(lookAt(rows, 'peers')).toHaveLength(2);
  });

  test('that become known later have the RTTs from then on', () => {
    const rows = new Rows({ attributionOf: known.of });
    const namesAndSamples = () =>
      lookAt(rows, 'owners').map(({ name, samples }) => [name, samples]);
    rows.accept(at(0, 10, { flowId: 9 }));
    known.set(9, { owner: { unit: 'late.service' } });
    rows.accept(at(0, 20, { flowId: 9 }));
    expect(namesAndSamples()).toEqual([['(not known)', 2]]);
    rows.refresh(9);
    rows.accept(at(0, 30, { flowId: 9 }));
    expect(namesAndSamples()).toEqual([
      ['(not known)', 2],
      ['late.service', 1],
    ]);
    expect(lookAt(rows, 'flows')).toMatchObject([{ samples: 3 }]);
  });

  test('are none where nobody says whose flows are', () => {
    const rows = rowsOf(at(0, 10));
    rows.refresh(7);
    expect(lookAt(rows, 'owners')).toEqual([]);
  });
});

describe('interfaces', () => {
  const NAMES = ['eth0', 'br-0', '\u202eb', undefined] as const;
  const seenAtOf: SeenAtOf = (place) => ({ capture: undefined, interface: NAMES[place] });
  const back = { ...reversed(at(0, 10)), matchOnEgress: true };

  function watched(...events: readonly KernelEvent[]): Rows {
    const rows = new Rows({ seenAtOf });
    for (const event of events) rows.accept(event);
    return rows;
  }

  test('are rows of their own, the sides apart, with what their flows have', () => {
    const flows = [
      at(0, 10, { flowId: 1 }),
      at(1, 30, { flowId: 1, samples: 4 }),
      at(1, 20, { flowId: 2, srcAddress: ipv4('192.0.2.9') }),
      at(2, 40, { flowId: 3, place: 1 }),
      { ...back, flowId: 2 },
    ];
    const rows = watched(...flows);
    expect(lookAt(rows, 'interfaces', 2)).toMatchObject([
      { side: 'beyond', name: 'eth0', flows: 2, samples: 6, least: 10 * MS, last: 20 * MS },
      { side: 'beyond', name: 'br-0', flows: 1, samples: 1, least: 40 * MS, age: 0 },
      { side: 'behind', name: 'eth0', flows: 1, samples: 1 },
    ]);
    expect(lookAt(rows, 'peers').map(({ flows: count }) => count)).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });

  test('are named as a terminal can show it, also where the name is not known', () => {
    const rows = watched(at(0, 10, { place: 2 }), at(0, 10, { flowId: 8, place: 3 }));
    expect(namesIn(rows, 'interfaces')).toEqual(['beyond \\u202eb', 'beyond (not known)']);
  });

  test('count a flow once where RTTs of both its directions are on one side, as on lo', () => {
    const there = at(0, 10);
    const rows = watched(there, { ...back, matchOnEgress: false }, there);
    expect(lookAt(rows, 'interfaces')).toMatchObject([{ flows: 1, samples: 3 }]);
  });

  test('have had the flows that have ended, too', () => {
    const closing = flowEvent({ change: 'closing', reason: 'FIN' });
    const rows = watched(at(0, 10), closing, at(0, 10, { flowId: 8 }));
    expect(lookAt(rows, 'interfaces')).toMatchObject([{ flows: 2 }]);
  });

  test('are told of flows, each at its own, and of hosts, which may be at several', () => {
    const rows = watched(at(0, 10), at(0, 10, { flowId: 8, place: 1 }), at(1, 10));
    const interfacesOf = (kind: RowKind) => lookAt(rows, kind).map(({ interfaces }) => interfaces);
    expect(interfacesOf('flows')).toEqual([['eth0'], ['br-0']]);
    expect(interfacesOf('peers')).toEqual([['eth0', 'br-0']]);
  });

  test('are told of owners once these are known', () => {
    const known = new KnownFlows();
    const rows = new Rows({ seenAtOf, attributionOf: known.of });
    rows.accept(at(0, 10, { flowId: 1, place: 1 }));
    known.set(1, { owner: { unit: 'a.service' } });
    rows.refresh(1);
    rows.accept(at(0, 10, { flowId: 1, place: 1 }));
    expect(lookAt(rows, 'owners')).toMatchObject([
      { name: '(not known)', interfaces: ['br-0'] },
      { name: 'a.service', interfaces: ['br-0'] },
    ]);
  });

  test('of a host are the last that it was met at, where very many have come and gone', () => {
    const rows = new Rows({
      seenAtOf: (place) => ({ capture: undefined, interface: `veth${place}` }),
    });
    for (let place = 0; place < 100; place++) rows.accept(at(0, 10, { flowId: place, place }));
    const [peer] = lookAt(rows, 'peers');
    expect(peer?.interfaces).toHaveLength(64);
    expect(peer?.interfaces.at(-1)).toBe('veth99');
    expect(lookAt(rows, 'interfaces')).toHaveLength(100);
  });

  test('are no rows, and are told of none, where nobody says what places are', () => {
    const rows = rowsOf(at(0, 10), flowEvent({ change: 'closing', reason: 'FIN' }));
    expect(lookAt(rows, 'interfaces')).toEqual([]);
    expect(lookAt(rows, 'flows')).toMatchObject([{ interfaces: [], isClosed: true }]);
  });
});

describe('of very many', () => {
  const MOST = 2_048;
  const host = (number: number, second = 0) =>
    at(second, 10, { flowId: number, srcAddress: ipv4(`10.0.${number >> 8}.${number & 255}`) });
  const known: AttributionOf = ({ srcAddress }) => ({
    owner: { unit: srcAddress.subarray(12).join('.') },
  });

  function full(): Rows {
    const rows = new Rows({ attributionOf: known });
    for (let number = 0; number < MOST; number++) rows.accept(host(number));
    return rows;
  }

  test.each(['peers', 'flows', 'owners'] as const)(
    '%s that were not heard of make room',
    (kind) => {
      const rows = full();
      expect(lookAt(rows, kind)).toHaveLength(MOST);
      rows.accept(host(MOST));
      expect(lookAt(rows, kind)).toHaveLength(MOST / 2 + 1);
      expect(lookAt(rows, kind)[0]?.name).toMatch(/^10\.0\.4\.0\b/);
      rows.accept(host(0, 1));
      expect(lookAt(rows, kind, 1).at(-1)).toMatchObject({ samples: 1, age: 0 });
    },
  );

  test('interfaces that make room come back with the flows that are heard of again', () => {
    const rows = new Rows({
      seenAtOf: (place) => ({ capture: undefined, interface: `veth${place}` }),
    });
    for (let place = 0; place <= MOST; place++) {
      for (const flow of [0, 1]) rows.accept(at(0, 10, { flowId: 2 * place + flow, place }));
    }
    rows.accept(at(1, 10, { flowId: 0, place: 0 }));
    const looks = lookAt(rows, 'interfaces', 1);
    expect(looks.at(-2)).toMatchObject({ name: `veth${MOST}`, flows: 2 });
    expect(looks.at(-1)).toMatchObject({ name: 'veth0', flows: 1, interfaces: ['veth0'] });
  });
});

test('flows that have ended go a minute after their last RTT; others stay', () => {
  const open = rttEvent({ flowId: 1 });
  const ended = rttEvent({ flowId: 2 });
  const rows = rowsOf(open, ended, flowEvent({ flowId: 2, change: 'closing', reason: 'FIN' }));
  const last = Number(ended.timestamp);
  expect(rows.look('flows', last + 60e9)).toHaveLength(2);
  expect(rows.look('flows', last + 61e9).map(({ isClosed }) => isClosed)).toEqual([false]);
  expect(rows.look('peers', last + 61e9)).toHaveLength(1);
});

test('rows have names from when these are known, and stay the same rows', () => {
  const names = namesOf({});
  const rows = new Rows({ names });
  rows.accept(at(0, 10));
  const before = lookAt(rows, 'peers');
  names.learn('192.0.2.1', 'db1.example');
  rows.accept(at(1, 10));
  expect(before.map(({ name }) => name)).toEqual(['192.0.2.1']);
  expect(lookAt(rows, 'peers', 1)).toMatchObject([
    { name: 'db1.example', subject: before[0]?.subject, samples: 2 },
  ]);
  expect(lookAt(rows, 'flows', 1)).toMatchObject([
    { name: 'db1.example:443+198.51.100.2:51515', samples: 2 },
  ]);
});
