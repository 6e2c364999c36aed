import { once } from 'node:events';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Fault } from '../../src/faults.js';
import { Shutdown } from '../../src/run/shutdown.js';

const MS = 1_000_000n;
const DAY_MS = 24 * 60 * 60 * 1000;
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const stateOf = ({ isOver, signal, fault }: Shutdown) => ({
  isOver,
  aborted: signal.aborted,
  fault,
});

describe('a run', () => {
  test('is not over to begin with', () => {
    expect(stateOf(new Shutdown())).toEqual({ isOver: false, aborted: false, fault: undefined });
  });

  test('that ends as wished has no fault', () => {
    const shutdown = new Shutdown();
    shutdown.end();
    expect(stateOf(shutdown)).toEqual({ isOver: true, aborted: true, fault: undefined });
  });

  test('that cannot go on has its fault', () => {
    const shutdown = new Shutdown();
    const fault = new Fault('the interface is gone');
    shutdown.fail(fault);
    expect(shutdown.isOver).toBe(true);
    expect(shutdown.fault).toBe(fault);
  });

  test('that has ended cannot fail any more', () => {
    const shutdown = new Shutdown();
    shutdown.end();
    shutdown.fail(new Fault('too late'));
    expect(shutdown.fault).toBeUndefined();
  });

  test('keeps its first fault, whatever follows', () => {
    const shutdown = new Shutdown();
    const first = new Fault('first');
    shutdown.fail(first);
    shutdown.fail(new Fault('second'));
    shutdown.end();
    expect(shutdown.fault).toBe(first);
  });

  test('tells of its end once', () => {
    const shutdown = new Shutdown();
    const told = jest.fn();
    shutdown.signal.addEventListener('abort', told);
    shutdown.end();
    shutdown.end();
    expect(told).toHaveBeenCalledTimes(1);
  });
});

describe('signals', () => {
  const listeners = () => SIGNALS.map((name) => process.listenerCount(name));

  test.each(SIGNALS)('%s ends the run as wished', (name) => {
    const shutdown = new Shutdown();
    const undo = shutdown.onSignals(SIGNALS);
    process.emit(name, name);
    undo();
    expect(stateOf(shutdown)).toEqual({ isOver: true, aborted: true, fault: undefined });
  });

  test.each([
    ['SIGINT', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
  ] as const)('after %s, %s ends the process at once, with %d', (first, second, code) => {
    const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const undo = new Shutdown().onSignals(SIGNALS);
    process.emit(first, first);
    expect(exit).not.toHaveBeenCalled();
    process.emit(second, second);
    undo();
    expect(exit.mock.calls).toEqual([[code]]);
  });

  test('are no longer heard once undone', () => {
    const before = listeners();
    const shutdown = new Shutdown();
    const undo = shutdown.onSignals(SIGNALS);
    expect(listeners()).toEqual(before.map((count) => count + 1));
    undo();
    expect(listeners()).toEqual(before);
  });
});

describe('an end after a time', () => {
  test('comes, by the real clock, and not before', async () => {
    const shutdown = new Shutdown();
    const start = process.hrtime.bigint();
    shutdown.after(3n * MS);
    // On a busy machine it may have come by now.
    if (!shutdown.signal.aborted) await once(shutdown.signal, 'abort');
    expect(Number(process.hrtime.bigint() - start)).toBeGreaterThanOrEqual(Number(3n * MS));
    expect(shutdown.fault).toBeUndefined();
  });

  test('of 0 has come', () => {
    const shutdown = new Shutdown();
    shutdown.after(0n);
    expect(shutdown.isOver).toBe(true);
  });

  test('may be longer than a Node timer can wait', () => {
    jest.useFakeTimers();
    const shutdown = new Shutdown();
    shutdown.after(BigInt(60 * DAY_MS) * MS);
    jest.advanceTimersByTime(60 * DAY_MS - 1);
    expect(shutdown.isOver).toBe(false);
    jest.advanceTimersByTime(2);
    expect(shutdown.isOver).toBe(true);
  });

  test('does not come once undone', () => {
    jest.useFakeTimers();
    const shutdown = new Shutdown();
    const undo = shutdown.after(1_000n * MS);
    undo();
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(DAY_MS);
    expect(shutdown.isOver).toBe(false);
  });

  test('does not come once undone in its second wait, either', () => {
    jest.useFakeTimers();
    const shutdown = new Shutdown();
    const undo = shutdown.after(BigInt(60 * DAY_MS) * MS);
    jest.advanceTimersByTime(30 * DAY_MS);
    undo();
    expect(jest.getTimerCount()).toBe(0);
    expect(shutdown.isOver).toBe(false);
  });
});
