import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KernelEvent } from '../../src/events/types.js';
import { RecordView } from '../../src/events/view.js';
import { PidFilter } from '../../src/owners/pid-filter.js';
import { rttRecord } from '../helpers/core/records.js';
import { flowEvent, rttEvent } from '../helpers/events/events.js';

/** By flow; null: looked for. */
let pids: Map<number, number | null>;

beforeEach(() => {
  pids = new Map();
});

const filter = (...wanted: number[]) =>
  new PidFilter({ pids: wanted, pidOf: (flowId) => pids.get(flowId) });

const closing = (overrides: Partial<KernelEvent> = {}) =>
  flowEvent({ change: 'closing', reason: 'FIN', ...(overrides as object) });

describe('events of a process that is known', () => {
  test('pass where it is wanted', () => {
    const wanted = filter(99, 100);
    pids.set(7, 100);
    expect(wanted.passes(rttEvent())).toBe(true);
    expect(wanted.passes(closing())).toBe(true);
    expect(wanted.undecided).toBe(0);
  });

  test('do not, and are not counted, where it is another', () => {
    const wanted = filter(99);
    pids.set(7, 100);
    expect(wanted.passes(rttEvent())).toBe(false);
    expect(wanted.undecided).toBe(0);
  });
});

describe('events of a process that is looked for', () => {
  const events = [flowEvent(), rttEvent({ rtt: 1 }), rttEvent({ rtt: 2 })];

  test('are held until it is known, and then passed on in their order', () => {
    const wanted = filter(99);
    pids.set(7, null);
    for (const event of events) expect(wanted.passes(event)).toBe(false);
    expect(wanted.undecided).toBe(3);
    expect(wanted.release(7)).toEqual([]);
    pids.set(7, 99);
    expect(wanted.release(7)).toEqual(events);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.undecided).toBe(0);
    expect(wanted.passes(rttEvent())).toBe(true);
  });

  test('are forgotten, and not counted, where it turns out to be another', () => {
    const wanted = filter(99);
    pids.set(7, null);
    for (const event of events) wanted.passes(event);
    pids.set(7, 100);
    expect(wanted.release(7)).toEqual([]);
    expect(wanted.undecided).toBe(0);
  });

  test('are dropped, and counted, when the flow closes first; others are kept', () => {
    const wanted = filter(99);
    pids.set(7, null).set(8, null);
    for (const event of events) wanted.passes(event);
    wanted.passes(rttEvent({ flowId: 8 }));
    wanted.passes(closing());
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
    wanted.passes(view);
    record.bytes.fill(0);
    pids.set(flowId, 99);
    expect(wanted.release(flowId)).toMatchObject([{ type: 'rtt', rtt: 5_000_000_001 }]);
  });

  test('are no more than there is room for; what is beyond is counted', () => {
    const wanted = filter(99);
    pids.set(7, null).set(8, 99);
    for (let nth = 0; nth < 16_384 + 5; nth++) wanted.passes(rttEvent());
    pids.set(7, 99);
    expect(wanted.release(7)).toHaveLength(16_384);
    expect(wanted.undecided).toBe(5);
  });
});

test('events of a process that is not looked for are counted', () => {
  const wanted = filter(99);
  expect(wanted.passes(rttEvent())).toBe(false);
  expect(wanted.passes(closing())).toBe(false);
  expect(wanted.undecided).toBe(2);
});
