import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { KernelEvent } from '../../src/events/types.js';
import { Clock } from '../../src/format/clock.js';
import type { Formatter } from '../../src/format/formatter.js';
import { HumanFormatter } from '../../src/format/human.js';
import { NdjsonFormatter } from '../../src/format/ndjson.js';
import { parseCondition } from '../../src/options/condition.js';
import type { Attributions } from '../../src/owners/attributions.js';
import { PidFilter } from '../../src/owners/pid-filter.js';
import type { Consumer } from '../../src/run/consumer.js';
import { Ending } from '../../src/run/ending.js';
import { FormattedOutput } from '../../src/run/formatted-output.js';
import { Pump } from '../../src/run/pump.js';
import { FileSink } from '../../src/sink/file-sink.js';
import { openOutput } from '../../src/sink/open.js';
import { ConditionWatch } from '../../src/summary/condition-watch.js';
import { Totals } from '../../src/summary/totals.js';
import {
  countersOf,
  dnsEvent,
  flowEvent,
  governorNotice,
  lossEvent,
  rttEvent,
  runTotals,
} from '../helpers/events/events.js';
import { KnownFlows } from '../helpers/events/owners.js';
import { SinkLog } from '../helpers/output/sink-log.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
let sink: FileSink;
let totals: Totals;
let reached: number;

beforeEach(() => {
  sink = new FileSink(openOutput(inFolder('out')), new SinkLog());
  totals = new Totals();
  reached = 0;
});

interface Wanted {
  readonly formatter?: Formatter;
  readonly quiet?: boolean;
  readonly count?: number;
  readonly conditions?: readonly ConditionWatch[];
  /** Besides totals and output. */
  readonly consumers?: readonly Consumer[];
}

function pumpOf(wanted: number): Pump {
  return pumpWith({ formatter: new NdjsonFormatter(new Clock(0n), 'eth0'), count: wanted });
}

function pumpWith({ formatter, quiet = false, consumers = [], ...wanted }: Wanted): Pump {
  const { count = Number.POSITIVE_INFINITY, conditions = [] } = wanted;
  const onEnough = () => {
    reached++;
  };
  const ending = new Ending({ totals, count, conditions, onEnough });
  const output = formatter ? [new FormattedOutput(formatter, sink, quiet)] : [];
  return new Pump({ consumers: [totals, ...consumers, ...output], ending });
}

/** What kind of line, and the RTT where it has one, of all that reached the file. */
async function written(): Promise<(string | number)[]> {
  await sink.close();
  const lines = readFileSync(inFolder('out'), 'utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => {
    const { type, rtt } = JSON.parse(line);
    return rtt ?? type;
  });
}

test('every event is written, in order, and counted', async () => {
  const pump = pumpOf(Number.POSITIVE_INFINITY);
  for (const event of [flowEvent(), rttEvent({ rtt: 1 }), rttEvent({ rtt: 2 })]) pump.accept(event);
  pump.lose(lossEvent());
  pump.flush();
  expect(await written()).toEqual(['flow', 1, 2, 'loss']);
  expect({ reported: totals.reported, reached }).toEqual({ reported: 2, reached: 0 });
});

test('response times are among what is enough, unless they have no lines', () => {
  for (const [areResponsesCounted, enough] of [
    [undefined, 3],
    [false, 5],
  ] as const) {
    totals = new Totals();
    const seen: number[] = [];
    const onEnough = () => seen.push(totals.told);
    const ending = new Ending({ totals, count: 3, conditions: [], areResponsesCounted, onEnough });
    const pump = new Pump({ consumers: [totals], ending });
    for (let n = 0; n < 9; n++) pump.accept(n % 2 === 0 ? rttEvent() : dnsEvent());
    expect(seen).toEqual([enough]);
  }
});

test('what is known of a flow is made anew by all that the events go to', async () => {
  const refreshed: number[] = [];
  const known = new KnownFlows();
  totals = new Totals({ attributionOf: known.of });
  const formatter = new HumanFormatter(new Clock(0n), { color: false, attributionOf: known.of });
  const another: Consumer = {
    accept: () => {},
    refresh: (flowId) => refreshed.push(flowId),
  };
  const pump = pumpWith({ formatter, consumers: [another] });
  pump.accept(rttEvent());
  known.set(7, { owner: { unit: 'a.service' } });
  pump.refresh(7);
  pump.accept(rttEvent());
  pump.flush();
  await sink.close();
  expect(refreshed).toEqual([7]);
  const lines = readFileSync(inFolder('out'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => line.endsWith('  a.service'))).toEqual([false, true]);
  const [side] = totals.with(runTotals()).sides;
  expect(side?.owners?.worst.map(({ label }) => label).sort()).toEqual([
    '(not known)',
    'a.service',
  ]);
});

test('notices go among the data only where programs read it', async () => {
  const notice = governorNotice();
  const human = new HumanFormatter(new Clock(0n), { color: false });
  expect(pumpWith({ formatter: human }).notice(notice)).toBe(false);
  const pump = pumpOf(1);
  expect(pump.notice(notice)).toBe(true);
  pump.flush();
  expect(await written()).toEqual(['governor']);
});

describe('a wanted number of RTTs', () => {
  test.each([1, 3, 7])(
    'ends the run after exactly %d; flow events do not count',
    async (wanted) => {
      const pump = pumpOf(wanted);
      for (let rtt = 1; rtt <= 11; rtt++) {
        pump.accept(flowEvent({ flowId: rtt }));
        pump.accept(rttEvent({ rtt }));
      }
      pump.flush();
      const expected = Array.from({ length: wanted }, (_, index) => ['flow', index + 1]).flat();
      expect(await written()).toEqual(expected);
      expect({ reported: totals.reported, reached }).toEqual({ reported: wanted, reached: 1 });
    },
  );

  test('is told once the last of them has been written, not before', () => {
    const pump = pumpOf(2);
    pump.accept(rttEvent());
    expect(reached).toBe(0);
    pump.accept(rttEvent());
    expect(reached).toBe(1);
  });

  test('that is not reached ends nothing', async () => {
    const pump = pumpOf(3);
    pump.accept(rttEvent({ rtt: 1 }));
    pump.accept(rttEvent({ rtt: 2 }));
    pump.flush();
    expect(await written()).toEqual([1, 2]);
    expect(reached).toBe(0);
  });

  test('hides no loss that is told afterwards', async () => {
    const pump = pumpOf(1);
    pump.accept(rttEvent({ rtt: 1 }));
    pump.lose(lossEvent());
    pump.flush();
    expect(await written()).toEqual([1, 'loss']);
  });
});

describe('a condition', () => {
  const watches = (...texts: string[]) =>
    texts.map((text) => new ConditionWatch(parseCondition(text)));

  test('that comes true ends the run at that RTT; later ones are left out', () => {
    const pump = pumpWith({ conditions: watches('max>10us') });
    for (let rtt = 1; rtt <= 25; rtt++) pump.accept(rttEvent({ rtt: 1_000 * rtt }));
    expect({ reported: totals.reported, reached }).toEqual({ reported: 20, reached: 1 });
  });

  test('counts at the very RTT that is the last one wanted, too', () => {
    const [watch] = watches('samples>=3');
    const pump = pumpWith({ conditions: watch ? [watch] : [], count: 3 });
    for (let rtt = 1; rtt <= 5; rtt++) pump.accept(rttEvent({ rtt }));
    expect({ isMet: watch?.isMet, reached }).toEqual({ isMet: true, reached: 1 });
  });

  test('of several, the first one does', () => {
    const pump = pumpWith({ conditions: watches('p99>1s', 'samples>=7') });
    for (let rtt = 1; rtt <= 25; rtt++) pump.accept(rttEvent({ samples: 2 }));
    expect({ samples: totals.samples, reached }).toEqual({ samples: 8, reached: 1 });
  });

  test('may be about what is sent again: of TCP alone, whatever others carry', () => {
    const again = new ConditionWatch(parseCondition('retrans>2%'));
    const { ending } = pumpWith({ conditions: [again] });
    const counted = { quicBytes: 7_000_000, retransmittedBytes: 20_000 };
    ending.acceptCarried(1n, countersOf({ bytes: 8_000_001, ...counted }));
    expect(reached).toBe(0);
    ending.acceptCarried(2n, countersOf({ bytes: 7_999_999, ...counted }));
    expect(reached).toBe(1);
    expect(again.considered).toBe(999_999);
  });

  test('may be about what others count', () => {
    const pump = pumpWith({ conditions: watches('events-lost>2') });
    pump.ending.acceptCount('events-lost', 2);
    expect(reached).toBe(0);
    pump.ending.acceptCount('events-lost', 3);
    pump.ending.acceptCount('events-lost', 4);
    expect(reached).toBe(1);
  });
});

test('a quiet one writes notices only, and counts all', async () => {
  const formatter = new NdjsonFormatter(new Clock(0n), 'eth0');
  const pump = pumpWith({ formatter, quiet: true });
  pump.accept(rttEvent());
  pump.notice(governorNotice());
  pump.flush();
  expect(await written()).toEqual(['governor']);
  expect(totals.reported).toBe(1);
});

test('without a format events are counted and watched, and not written', async () => {
  const watched: number[] = [];
  const watcher: Consumer = { accept: (event) => watched.push(event.flowId) };
  const pump = pumpWith({ consumers: [watcher] });
  pump.accept(rttEvent({ flowId: 3 }));
  pump.accept(flowEvent({ flowId: 4 }));
  pump.flush();
  expect(await written()).toEqual([]);
  expect({ watched, reported: totals.reported }).toEqual({ watched: [3, 4], reported: 1 });
});

describe('lines are handed on', () => {
  test('with flush(), not before', async () => {
    pumpOf(3).accept(rttEvent());
    expect(await written()).toEqual([]);
  });

  test('once each, however often flush() is called', async () => {
    const pump = pumpOf(3);
    pump.accept(rttEvent({ rtt: 1 }));
    pump.flush();
    pump.flush();
    pump.accept(rttEvent({ rtt: 2 }));
    pump.flush();
    expect(await written()).toEqual([1, 2]);
  });

  test('without flush() where there are 256 KiB, whole and in order', async () => {
    const pump = pumpOf(Number.POSITIVE_INFINITY);
    for (let rtt = 1; rtt <= 3_001; rtt++) pump.accept(rttEvent({ rtt }));
    const rtts = await written();
    expect(rtts.length).toBeGreaterThan(700);
    expect(rtts.length).toBeLessThan(3_001);
    expect(rtts).toEqual(rtts.map((_, index) => index + 1));
  });

  test('with the number of lines that they are', async () => {
    const pump = pumpOf(Number.POSITIVE_INFINITY);
    await sink.close(); // what follows is dropped, and so counted
    for (let rtt = 1; rtt <= 37; rtt++) pump.accept(rttEvent({ rtt }));
    pump.flush();
    expect(sink.dropped).toBe(37);
  });
});

test('what is met in mid-stream is looked for, where nothing has told whose it is', () => {
  const wanted: string[] = [];
  const opened: number[] = [];
  const awaited = new Set([7, 8]);
  const attributions = {
    isAwaited: (flowId: number) => awaited.has(flowId),
    open: (flowId: number) => opened.push(flowId),
    close: () => {},
    touch: () => {},
  } as unknown as Attributions;
  const ending = new Ending({ totals, count: 9, conditions: [], onEnough: () => {} });
  const want = () => wanted.push('wanted');
  const pump = new Pump({ consumers: [], ending, attributions, earlier: { want } });
  const opening = (flowId: number, reason: 'SYN-ACK' | 'first observed packet') =>
    pump.accept(flowEvent({ flowId, change: 'opening', reason }));
  opening(8, 'SYN-ACK');
  opening(9, 'first observed packet');
  pump.accept(rttEvent({ flowId: 7 }));
  const ping = { flowId: 7, protocol: 'ICMP', change: 'opening' } as const;
  pump.accept(flowEvent({ ...ping, reason: 'first observed packet' }));
  expect(wanted).toEqual([]);
  opening(7, 'first observed packet');
  expect(wanted).toEqual(['wanted']);
  // A ping may be nobody's: that is no gap.
  expect(opened).toEqual([8, 9, 7]);
});

test('a flow is of use with each of its events, also with those that are held', () => {
  const touched: number[] = [];
  const attributions = {
    touch: (flowId: number) => touched.push(flowId),
  } as unknown as Attributions;
  const ending = new Ending({ totals, count: 9, conditions: [], onEnough: () => {} });
  const processes = { pidOf: () => null, listenerPidOf: () => undefined };
  for (const pidFilter of [undefined, new PidFilter({ pids: [99], processes })]) {
    const pump = new Pump({ consumers: [], ending, attributions, pidFilter });
    for (const flowId of [7, 8]) pump.accept(rttEvent({ flowId }));
  }
  expect(touched).toEqual([7, 8, 7, 8]);
});

test('with flush(), what waits for a process has waited long enough where that is not found', () => {
  let now = 1_000;
  const told: string[] = [];
  const consumer = { accept: (event: KernelEvent) => told.push(event.type) };
  const processes = { pidOf: () => null, listenerPidOf: () => 99 };
  const pidFilter = new PidFilter({ pids: [99], processes, clock: () => now });
  const ending = new Ending({ totals, count: 9, conditions: [], onEnough: () => {} });
  const pump = new Pump({ consumers: [consumer], ending, pidFilter });
  pump.accept(rttEvent());
  pump.flush();
  expect(told).toEqual([]);
  now += 30_000;
  pump.flush();
  expect(told).toEqual(['rtt']);
});
