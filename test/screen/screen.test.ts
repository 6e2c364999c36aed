import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Aggregate, DnsAggregate } from '../../src/events/aggregate.js';
import { NO_AGGREGATION } from '../../src/sampling/aggregation.js';
import { Screen, type ScreenParts } from '../../src/screen/screen.js';
import { Aggregates } from '../../src/summary/aggregates.js';
import { DnsAggregates } from '../../src/summary/dns-aggregates.js';
import { COLORLESS, FakeDisplay, FakeKeyboard, MS } from '../helpers/command/screen.js';
import { aggregateOf, dnsAggregateOf } from '../helpers/events/aggregates.js';
import { dnsEvent, ipv4, rttEvent } from '../helpers/events/events.js';
import { KnownFlows } from '../helpers/events/owners.js';

const START = 7_001e9;
const FRAME_MS = 500;
let keyboard: FakeKeyboard;
let display: FakeDisplay;
let screen: Screen;
let frames: number;
let headerColumns: number;
let quits: number;

beforeEach(() => {
  jest.useFakeTimers();
  keyboard = new FakeKeyboard();
  display = new FakeDisplay(80, 10);
  frames = 0;
  quits = 0;
  screen = new Screen({
    input: keyboard.stream,
    output: display.stream,
    paint: COLORLESS,
    now: () => START,
    header: (columns) => {
      headerColumns = columns;
      return { paragraphs: [{ pieces: [[[`frame ${++frames}`]]] }], message: '' };
    },
    onQuit: () => quits++,
  });
});

afterEach(() => {
  screen.close();
  jest.useRealTimers();
});

/** The worst last: each waits longer than the ones before. */
function takeHosts(count: number): void {
  for (let host = 1; host <= count; host++) {
    for (const rtt of [1, host, host]) {
      const ns = rtt * MS;
      const ends = { flowId: host, srcAddress: ipv4(`10.0.0.${host}`) };
      screen.accept(rttEvent({ ...ends, timestamp: BigInt(START), rtt: ns, intervalMinRtt: ns }));
    }
  }
}

/** What was written, line by line. */
const written = () =>
  display
    .take()
    .split('\x1b[K')
    .map((text) => text.split('\x1b')[0]?.trimEnd() ?? '');
const hostsIn = (lines: readonly string[]) =>
  lines.flatMap((line) => line.match(/^> 10\.0\.0\.(\d+) /)?.[1] ?? []).map(Number);
const next = () => jest.advanceTimersByTime(FRAME_MS);

test('is drawn at once, and twice a second', () => {
  expect(written()).toContain('frame 1');
  takeHosts(2);
  expect(written()).toEqual(['']);
  next();
  expect(hostsIn(written())).toEqual([2, 1]);
  jest.advanceTimersByTime(1_000);
  expect(written()).toContain('frame 4');
});

test('the header is told how wide the screen is', () => {
  expect(headerColumns).toBe(80);
  display.resize(70, 10);
  next();
  expect(headerColumns).toBe(70);
});

test('a key shows at once', () => {
  takeHosts(2);
  next();
  display.take();
  keyboard.type('a');
  expect(written().join('\n')).toMatch(/flow \(responder.*2 flows/s);
});

test('owners are shown first where it is known whose flows are', () => {
  screen.close();
  display.take();
  const known = new KnownFlows();
  screen = new Screen({
    input: keyboard.stream,
    output: display.stream,
    paint: COLORLESS,
    now: () => START,
    header: () => ({ paragraphs: [], message: '' }),
    onQuit: () => {},
    attributionOf: known.of,
  });
  takeHosts(1);
  expect(written().join('\n')).toMatch(/^ {2}owner /m);
  known.set(1, { owner: { unit: 'a.service' } });
  screen.refresh(1);
  takeHosts(1);
  display.take();
  next();
  const text = written().join('\n');
  expect(text).toMatch(/^> \(not known\) [\s\S]*^> a\.service [\s\S]*^2 owners {2}/m);
});

describe('interfaces', () => {
  let areSeveral: boolean;

  beforeEach(() => {
    screen.close();
    display.take();
    areSeveral = false;
    screen = new Screen({
      input: keyboard.stream,
      output: display.stream,
      paint: COLORLESS,
      now: () => START,
      header: () => ({ paragraphs: [], message: '' }),
      onQuit: () => {},
      seenAtOf: (place) => ({ capture: undefined, interface: `eth${place}` }),
      areInterfacesSeveral: () => areSeveral,
    });
    for (const place of [0, 1]) {
      const event = { flowId: place, place, timestamp: BigInt(START) };
      screen.accept(rttEvent(event));
    }
    display.take();
  });

  test('that are not several are no rows, and there is no key for them', () => {
    keyboard.type('i');
    next();
    const text = written().join('\n');
    expect(text).toMatch(/^1 peer {2}/m);
    expect(text).not.toMatch(/interface|eth0/);
  });

  test('that become several are rows by a key, with what was measured before', () => {
    areSeveral = true;
    next();
    expect(written().join('\n')).toContain('  i interfaces');
    keyboard.type('i');
    expect(written().join('\n')).toMatch(/^> eth0 [\s\S]*^> eth1 [\s\S]*^2 interfaces {2}/m);
  });

  test('are named beside flows while they are several', () => {
    keyboard.type('a');
    expect(written().join('\n')).not.toMatch(/ eth[01] /);
    areSeveral = true;
    next();
    expect(written().join('\n')).toMatch(/ eth0 [\s\S]* eth1 /);
    areSeveral = false;
    next();
    expect(written().join('\n')).not.toMatch(/ eth[01] /);
  });

  test('can be shown in a pause, too', () => {
    areSeveral = true;
    next();
    keyboard.type('p');
    display.take();
    keyboard.type('i');
    expect(written().join('\n')).toContain('2 interfaces  ');
  });
});

test('while it is paused nothing changes but by keys', () => {
  takeHosts(2);
  next();
  keyboard.type('p');
  display.take();
  takeHosts(3);
  next();
  expect(written()).toEqual(['']);
  keyboard.type('a');
  expect(written().join('\n')).toContain('3 flows');
  keyboard.type('p');
  display.take();
  next();
  expect(written()).toContain(`frame ${frames}`);
});

test('rows end at the bottom of the screen: one key up is one row up, however often down was pressed', () => {
  takeHosts(20);
  next();
  for (let page = 0; page < 9; page++) keyboard.type('\x1b[6~');
  display.take();
  keyboard.type('\x1b[A');
  expect(hostsIn(written())).toEqual([8, 7, 6, 5, 4, 3, 2]);
});

test.each(['q', '\x03'])('%j quits', (key) => {
  keyboard.type(key);
  expect(quits).toBe(1);
});

test('after it is closed nothing is drawn', () => {
  screen.close();
  screen.close();
  display.take();
  jest.advanceTimersByTime(10 * FRAME_MS);
  keyboard.type('q');
  expect({ written: display.take(), quits }).toEqual({ written: '', quits: 0 });
});

describe('where RTTs are counted in the kernel', () => {
  beforeEach(() => {
    screen.close();
    display.take();
    screen = new Screen({
      input: keyboard.stream,
      output: display.stream,
      paint: COLORLESS,
      now: () => START,
      header: () => ({ paragraphs: [], message: '' }),
      onQuit: () => {},
      aggregates: { by: 'prefix', interval: 10e9 },
    });
  });

  const taken = (...aggregates: readonly Aggregate[]) =>
    screen.acceptAggregates(new Aggregates(BY_PREFIX, 'beyond').take(aggregates), []);
  const BY_PREFIX = { ...NO_AGGREGATION, interval: 10_000_000_000n };
  const networkOf = (prefix: string) => ({
    network: { address: ipv4(prefix), ipVersion: 4 as const },
  });

  test('the rows are those of the last interval; events have none', () => {
    expect(written().join('\n')).toMatch(/^ {2}network .*^ {2}no RTT to show: none in the last/ms);
    takeHosts(2);
    taken(aggregateOf(), aggregateOf(networkOf('198.51.100.0')));
    next();
    const text = written().join('\n');
    expect(text).toMatch(/^> 192\.0\.2\.0\/24 .*^> 198\.51\.100\.0\/24 .*^2 networks {2}q quit/ms);
    taken(aggregateOf(networkOf('203.0.113.0')));
    next();
    expect(written().join('\n')).toMatch(/^> 203\.0\.113\.0\/24 .*^1 network {2}/ms);
  });

  test('a key sorts, help is of these rows, and what is paused stays', () => {
    taken(aggregateOf({ overdue: 2 }), aggregateOf({ ...networkOf('198.51.100.0'), overdue: 9 }));
    next();
    display.take();
    keyboard.type('O');
    expect(written().join('\n')).toMatch(/▼Overdue.*^> 198\.51\.100\.0\/24/ms);
    keyboard.type('p');
    taken();
    next();
    display.take();
    keyboard.type('R');
    expect(written().join('\n')).toMatch(/^> 192\.0\.2\.0\/24/m);
    display.resize(80, 24);
    keyboard.type('?');
    const help = written().join('\n');
    expect(help).toMatch(/^ {2}M59PXTOS +sort by .*^ {2}Overdue /ms);
    expect(help).not.toContain('closed');
    expect(help).toContain('Press any key to return.');
  });
});

describe('where DNS is measured', () => {
  function begin(dns: 'alone' | 'beside', aggregates?: ScreenParts['aggregates']): void {
    screen.close();
    screen = new Screen({
      ...{ input: keyboard.stream, output: display.stream, paint: COLORLESS, now: () => START },
      ...{ header: () => ({ paragraphs: [], message: '' }), onQuit: () => {}, dns, aggregates },
    });
  }
  const query = () => screen.accept(dnsEvent({ timestamp: BigInt(START), responseTime: 12 * MS }));

  test('alone, resolvers are all there is', () => {
    begin('alone');
    expect(written().join('\n')).toContain('no query to show');
    query();
    next();
    expect(written().join('\n')).toMatch(/^> 192\.0\.2\.1 +12\.0 +12\.0 +12\.0 +12\.0 +0 +0 +1 /m);
    display.resize(80, 30);
    keyboard.type('?');
    expect(written().join('\n')).toMatch(/Last +DNS response time, not an RTT/);
  });

  test('beside others, they are seen when they are asked for', () => {
    begin('beside');
    query();
    takeHosts(1);
    next();
    expect(written().join('\n')).toMatch(/^> 10\.0\.0\.1 /m);
    keyboard.type('aa');
    expect(written().join('\n')).toMatch(/^> 192\.0\.2\.1 +12\.0 /m);
  });

  const BY_PREFIX = { by: 'prefix', interval: 10e9 } as const;
  const AGGREGATION = { ...NO_AGGREGATION, interval: 10_000_000_000n };
  const taken = (...aggregates: readonly DnsAggregate[]) =>
    screen.acceptAggregates([], new DnsAggregates(AGGREGATION, 'beyond').take(aggregates));
  const NONE_SENT_AGAIN = { ambiguous: 0 };
  const ROW = /^> 192\.0\.2\.0\/24 +([\d.]+ +){5}1 +2 +12 +█$/m;

  test('alone and counted in the kernel, rows are networks of resolvers', () => {
    begin('alone', BY_PREFIX);
    expect(written().join('\n')).toMatch(
      /^ {2}DNS resolvers .*^ {2}no query to show: none in the last interval/ms,
    );
    query();
    taken(dnsAggregateOf(NONE_SENT_AGAIN));
    display.resize(100, 30);
    next();
    const text = written().join('\n');
    expect(text).toMatch(ROW);
    expect(text).toMatch(/^1 network {2}q quit/m);
    keyboard.type('?');
    const help = written().join('\n');
    expect(help).toMatch(/^ {2}M59PXTFUQ +sort by .*DNS response times, no RTTs/ms);
    expect(help).not.toContain('closed');
  });

  test('beside others and counted in the kernel, resolvers are seen by a key', () => {
    begin('beside', BY_PREFIX);
    taken(dnsAggregateOf(NONE_SENT_AGAIN));
    display.resize(100, 30);
    next();
    const rtts = written().join('\n');
    expect(rtts).toMatch(/^ {2}network .*^0 networks {2}q quit {2}\? help {2}a resolvers /ms);
    expect(rtts).not.toMatch(ROW);
    keyboard.type('a');
    const resolvers = written().join('\n');
    expect(resolvers).toMatch(ROW);
    expect(resolvers).toMatch(/^1 network {2}q quit {2}\? help {2}a networks /m);
  });
});
