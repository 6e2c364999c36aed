import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KernelEvent } from '../../src/events/types.js';
import { RecordView } from '../../src/events/view.js';
import { PidFilter } from '../../src/owners/pid-filter.js';
import { rttRecord } from '../helpers/core/records.js';
import { dnsEvent, flowEvent, rttEvent } from '../helpers/events/events.js';

/** By flow; null: looked for. */
let pids: Map<number, number | null>;
let listeners: Map<number, number>;
let now: number;

beforeEach(() => {
  pids = new Map();
  listeners = new Map();
  now = 1_000;
});

const filter = (...wanted: number[]) =>
  new PidFilter({
    pids: wanted,
    clock: () => now,
    processes: {
      pidOf: (flowId) => pids.get(flowId),
      listenerPidOf: (flowId) => listeners.get(flowId),
    },
  });

const closing = (overrides: Partial<KernelEvent> = {}) =>
  flowEvent({ change: 'closing', reason: 'FIN', ...(overrides as object) });

describe('events of a process that is known', () => {
  test('pass where it is wanted', () => {
    const wanted = filter(99, 100);
    pids.set(7, 100);
    expect(wanted.accept(rttEvent())).toEqual([rttEvent()]);
    expect(wanted.accept(closing())).toEqual([closing()]);
    expect(wanted.undecided).toBe(0);
  });

  test('do not, and are not counted, where it is another', () => {
    const wanted = filter(99);
    pids.set(7, 100);
    expect(wanted.accept(rttEvent())).toEqual([]);
    expect(wanted.undecided).toBe(0);
  });
});

test('what came of a query of DNS passes: the kernel has left out those of others', () => {
  const wanted = filter(99);
  expect(wanted.accept(dnsEvent())).toEqual([dnsEvent()]);
  expect(wanted.undecided).toBe(0);
});

describe('events of a process that is looked for', () => {
  const events = [flowEvent(), rttEvent({ rtt: 1 }), rttEvent({ rtt: 2 })];

  test('are held until it is known, and then passed on in their order', () => {
    const wanted = filter(99);
    pids.set(7, null);
    for (const event of events) expect(wanted.accept(event)).toEqual([]);
    expect(wanted.undecided).toBe(3);
    expect(wanted.release(7)).toEqual([]);
    pids.set(7, 99);
    expect(wanted.release(7)).toEqual(events);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.undecided).toBe(0);
    expect(wanted.accept(rttEvent())).toEqual([rttEvent()]);
  });

  test('are forgotten, and not counted, where it turns out to be another', () => {
    const wanted = filter(99);
    pids.set(7, null);
    for (const event of events) wanted.accept(event);
    pids.set(7, 100);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.undecided).toBe(0);
  });

  test('are dropped, and counted, when the flow closes first; others are kept', () => {
    const wanted = filter(99);
    pids.set(7, null).set(8, null);
    for (const event of events) wanted.accept(event);
    wanted.accept(rttEvent({ flowId: 8 }));
    wanted.accept(closing());
    pids.set(7, 99).set(8, 99);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.release(8)).toHaveLength(1);
    expect(wanted.undecided).toBe(4);
  });

  test('are copies: the record may be overwritten', () => {
    const wanted = filter(99);
    const record = rttRecord();
    const view = new RecordView().at(record.view, 0, record.size);
    const { flowId } = view;
    pids.set(flowId, null);
    wanted.accept(view);
    record.bytes.fill(0);
    pids.set(flowId, 99);
    expect(wanted.release(flowId)).toMatchObject([{ type: 'rtt', rtt: 5_000_000_001 }]);
  });

  test('are no more than there is room for; what is beyond is counted', () => {
    const wanted = filter(99);
    pids.set(7, null).set(8, 99);
    for (let nth = 0; nth < 16_384 + 5; nth++) wanted.accept(rttEvent());
    pids.set(7, 99);
    expect(wanted.release(7)).toHaveLength(16_384);
    expect(wanted.undecided).toBe(5);
  });
});

describe('events of a process that is not found', () => {
  const MOST_HELD = 16_384;

  test('leave their room after 30 s, and are counted, also where the flow is not seen to close', () => {
    const wanted = filter(99);
    pids.set(7, null).set(8, null);
    for (let nth = 0; nth < MOST_HELD; nth++) wanted.accept(rttEvent());
    now += 29_999;
    expect(wanted.expired()).toEqual([]);
    wanted.accept(rttEvent({ flowId: 8 }));
    pids.set(8, 99);
    expect(wanted.release(8)).toEqual([]);
    now += 1;
    expect(wanted.expired()).toEqual([]);
    expect(wanted.undecided).toBe(MOST_HELD + 1);
    pids.set(8, null);
    wanted.accept(rttEvent({ flowId: 8 }));
    pids.set(8, 99);
    expect(wanted.release(8)).toHaveLength(1);
    expect(wanted.undecided).toBe(MOST_HELD + 1);
  });

  test('are held no more after that, and pass once it is found', () => {
    const wanted = filter(99);
    pids.set(7, null);
    wanted.accept(rttEvent());
    now += 30_000;
    wanted.expired();
    expect(wanted.accept(rttEvent())).toEqual([]);
    pids.set(7, 99);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.undecided).toBe(2);
    expect(wanted.accept(rttEvent())).toEqual([rttEvent()]);
  });

  test('pass after that where a wanted one has listened; younger ones wait on', () => {
    const wanted = filter(99);
    for (const flowId of [7, 8]) {
      pids.set(flowId, null);
      listeners.set(flowId, 99);
      for (const rtt of [1, 2]) wanted.accept(rttEvent({ flowId, rtt }));
      now += 20_000;
    }
    expect(wanted.expired()).toEqual([rttEvent({ rtt: 1 }), rttEvent({ rtt: 2 })]);
    expect(wanted.expired()).toEqual([]);
    expect(wanted.accept(rttEvent())).toEqual([rttEvent()]);
    pids.set(8, 99);
    expect(wanted.release(8)).toHaveLength(2);
    expect(wanted.undecided).toBe(0);
  });
});

test('events of a process that is not looked for are counted', () => {
  const wanted = filter(99);
  expect(wanted.accept(rttEvent())).toEqual([]);
  expect(wanted.accept(closing())).toEqual([]);
  expect(wanted.undecided).toBe(2);
});

describe('events of a connection that a wanted process has listened for', () => {
  const events = [flowEvent(), rttEvent({ rtt: 1 })];
  beforeEach(() => {
    pids.set(7, null);
    listeners.set(7, 99);
  });

  test('are passed on when it closes, as long as its process is not known, and none is counted', () => {
    const wanted = filter(99);
    for (const event of events) expect(wanted.accept(event)).toEqual([]);
    expect(wanted.accept(closing())).toEqual([...events, closing()]);
    pids.delete(7);
    expect(wanted.accept(rttEvent())).toEqual([rttEvent()]);
    expect(wanted.undecided).toBe(0);
  });

  test('are those of its process, where that is known', () => {
    const wanted = filter(99);
    for (const event of events) wanted.accept(event);
    pids.set(7, 100);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.accept(closing())).toEqual([]);
    expect(wanted.undecided).toBe(0);
  });

  test('are passed on when nothing more will be known; those of another listener are counted', () => {
    const wanted = filter(99);
    pids.set(8, null);
    listeners.set(8, 100);
    for (const event of events) wanted.accept(event);
    wanted.accept(rttEvent({ flowId: 8 }));
    expect(wanted.settle()).toEqual(events);
    expect(wanted.settle()).toEqual([]);
    expect(wanted.undecided).toBe(1);
  });
});

describe('a process that has ended', () => {
  test('keeps the connections that it had; what another has by its id is left out', () => {
    const wanted = filter(99);
    pids.set(7, 99).set(8, 99);
    expect(wanted.accept(rttEvent())).toHaveLength(1);
    now++;
    wanted.end(99);
    now++;
    expect(wanted.accept(closing())).toHaveLength(1);
    expect(wanted.accept(rttEvent({ flowId: 8 }))).toEqual([]);
    expect(wanted.undecided).toBe(0);
  });

  test('gets those that were held before, and none that were not', () => {
    const wanted = filter(99);
    pids.set(7, null).set(8, null);
    wanted.accept(rttEvent());
    now++;
    wanted.end(99);
    now++;
    wanted.accept(rttEvent({ flowId: 8 }));
    pids.set(7, 99).set(8, 99);
    expect([wanted.release(7), wanted.release(8)]).toEqual([[rttEvent()], []]);
  });

  test('has listened for what it had accepted until then', () => {
    const wanted = filter(99);
    listeners.set(7, 99).set(8, 99);
    expect(wanted.accept(rttEvent())).toHaveLength(1);
    now++;
    wanted.end(99);
    now++;
    expect(wanted.accept(rttEvent())).toHaveLength(1);
    expect(wanted.accept(rttEvent({ flowId: 8 }))).toEqual([]);
    expect(wanted.undecided).toBe(1);
  });
});
