/** Two CPUs with the packets of one flow, at once. */
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { DrivenKernel } from '../../lab/kernel/drivers.js';
import { MINUTE, START } from '../../lab/kernel/kernel.js';
import { PATIENCE } from '../../lab/until.js';
import { FATES, packetsIn } from '../../src/core/counters.js';
import type { DnsEvent, KernelEvent, RttEvent } from '../../src/events/types.js';

jest.setTimeout(600_000 * PATIENCE);

/** As in drivers.c. */
const STEP_NS = 1_000;
const RTT_NS = 500;
const EVERYTHING = { rate: 0n, includeLocal: true, flowTimeout: 60n * MINUTE };
/** Holds all the events of a round. */
const RING = { events: 32 << 20 };
const SEGMENTS = 100_000;

let kernel: DrivenKernel;
afterEach(() => kernel.close());

interface Raced {
  readonly samples: number;
  readonly twice: string[];
  readonly wrong: RttEvent[];
  readonly alternations: number;
}

/** So many rounds, each with a flow of its own. */
async function race(rounds: number): Promise<Raced> {
  const raced = { samples: 0, twice: [] as string[], wrong: [] as RttEvent[], alternations: 0 };
  for (let flow = 0; flow < rounds; flow++) {
    const { violations, alternations } = await kernel.at(0n).race(flow, SEGMENTS);
    expect(violations).toBe(0);
    raced.alternations += alternations;
    const events = kernel.events();
    expect(events.filter(({ type }) => type === 'flow')).toHaveLength(1);
    const seen = new Set<string>();
    for (const event of events) {
      if (event.type !== 'rtt') continue;
      raced.samples += event.samples;
      const identifier = Number(event.timestamp - START) / STEP_NS;
      const name = `flow ${flow}: ${Math.floor(identifier)} to port ${event.srcPort}`;
      if (seen.has(name)) raced.twice.push(name);
      seen.add(name);
      if (event.rtt !== RTT_NS) raced.wrong.push(event);
    }
  }
  return raced;
}

async function expectAccounts(flows: number): Promise<void> {
  const counters = kernel.counters();
  expect(FATES.reduce((sum, name) => sum + counters[name], 0)).toBe(packetsIn(counters));
  for (const [name, value] of Object.entries(counters)) {
    expect({ name, isCount: value >= 0 && value <= 2 * packetsIn(counters) }).toEqual({
      name,
      isCount: true,
    });
  }
  expect(counters).toMatchObject({ rttEventsLost: 0, flowEventsLost: 0, timestampMapFull: 0 });
  const { timestamps, timestampsDeleted } = await kernel.at(30n * MINUTE).sweep();
  const { remembered, matched, superseded, ambiguous, unanswered } = counters;
  expect(timestamps).toBe(remembered - matched - superseded - ambiguous - unanswered);
  expect(timestampsDeleted).toBe(timestamps);
  expect(kernel.notIdle(0, flows)).toBe(0);
}

describe('two CPUs at once', () => {
  test('10 million segments: no identifier is reported twice, and no count goes wrong', async () => {
    const rounds = 50;
    kernel = new DrivenKernel(EVERYTHING, { ...RING, timestamps: 1 << 21 });
    const { samples, twice, wrong, alternations } = await race(rounds);
    expect(packetsIn(kernel.counters())).toBe(10_000_000);
    // Or nothing was put to the test.
    expect(alternations).toBeGreaterThan(10_000);
    expect(samples).toBeGreaterThan(100_000);
    expect(twice).toEqual([]);
    expect(wrong).toEqual([]);
    expect(kernel.counters().matched).toBe(samples);
    await expectAccounts(rounds);
  });

  test('with bursts and a report interval, the reports stand for all samples', async () => {
    const rounds = 10;
    const burst = { count: 3, duration: 2_000n };
    const sampling = { rate: 3_000n, burst, reportInterval: 10_000n };
    kernel = new DrivenKernel({ ...EVERYTHING, ...sampling }, { ...RING, timestamps: 1 << 20 });
    const { samples, wrong } = await race(rounds);
    await kernel.sweep(true);
    const held = kernel.rtts().reduce((sum, event) => sum + event.samples, 0);
    expect(held).toBeGreaterThan(0);
    expect(samples + held).toBe(kernel.counters().matched);
    expect(wrong).toEqual([]);
    await expectAccounts(rounds);
  });
});

describe('two CPUs with datagrams at once', () => {
  const DATAGRAMS = 100_000;
  const ROUNDS = 10;
  /** Where the CPUs have hardly met: on a busy machine one runs after the other in most rounds. All find room. */
  const MOST_ROUNDS = 4 * ROUNDS;
  /** Or nothing was put to the test. */
  const LEAST_ALTERNATIONS = 1_000;
  /** Of a group each. */
  const [OF_DNS, OF_QUIC] = [64, 16];

  async function raceDatagrams(protocol: 'dns' | 'quic', ofGroup: number) {
    const watched = { linkLayer: 'ethernet', protocols: [protocol] } as const;
    const sizes = { ...RING, flows: 1 << 19, queries: 1 << 21 };
    kernel = new DrivenKernel(EVERYTHING, sizes, undefined, watched);
    const events: KernelEvent[] = [];
    let [rounds, alternations] = [0, 0];
    for (; rounds < ROUNDS || alternations <= LEAST_ALTERNATIONS; rounds++) {
      expect(rounds).toBeLessThan(MOST_ROUNDS);
      const first = Math.ceil((2 * DATAGRAMS) / ofGroup) * rounds;
      alternations += (await kernel.at(0n).raceDatagrams(protocol, first, DATAGRAMS)).alternations;
      events.push(...kernel.events());
    }
    const counters = kernel.counters();
    expect(FATES.reduce((sum, name) => sum + counters[name], 0)).toBe(packetsIn(counters));
    expect(counters.rttEventsLost).toBe(0);
    // One whose flow ends on another CPU while it is written.
    expect(counters.flowEventsLost).toBeLessThan(100);
    // What another CPU is about to delete is none, and no room either; a CPU may be stopped just then.
    expect(counters.flowMapFull).toBeLessThan(packetsIn(counters) / 1_000);
    return { events, counters, rounds };
  }

  test('of DNS: no query is answered twice, and each response is counted', async () => {
    const { events, counters, rounds } = await raceDatagrams('dns', OF_DNS);
    const times = events.filter((event): event is DnsEvent => event.type === 'dns');
    const { dnsQuery, dnsRepeated, dnsResponse, dnsAnswered, dnsNoMatch } = counters;
    expect(dnsQuery + dnsRepeated).toBe((rounds * 2 * DATAGRAMS * 24) / OF_DNS);
    expect(dnsResponse).toBe(rounds * DATAGRAMS);
    expect(times.length).toBe(dnsAnswered);
    expect(times.filter(({ responseTime }) => responseTime !== RTT_NS)).toEqual([]);
    const even = times.filter(({ queryId }) => queryId % 2 === 0);
    const names = even.map(({ queryId, timestamp, destAddress }) =>
      [queryId, timestamp, Buffer.from(destAddress).toString('hex')].join(' '),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(dnsQuery / 3);
    expect(dnsNoMatch).toBeGreaterThanOrEqual(names.length);
  });

  test('of QUIC: no RTT is wrong, nothing is told twice, and what is not assured is counted right', async () => {
    const { events, counters, rounds } = await raceDatagrams('quic', OF_QUIC);
    // A flow lingers until the CPU that ends it has gone on, which a busy machine decides.
    expect(counters.lingering).toBeLessThan(packetsIn(counters) / 2);
    const told = new Map<string, number>();
    const wrong: KernelEvent[] = [];
    const known = [100, 30, 50, 10];
    for (const event of events) {
      if (event.type === 'rtt' && !known.includes(event.rtt)) wrong.push(event);
      const what = event.type === 'rtt' ? event.srcPort : event.type === 'flow' ? event.change : '';
      const name = `${event.flowId} ${what}`;
      told.set(name, (told.get(name) ?? 0) + 1);
    }
    expect(wrong).toEqual([]);
    expect([...told].filter(([, count]) => count > 1)).toEqual([]);
    const closings = events.filter((event) => event.type === 'flow' && event.change === 'closing');
    expect(closings.length).toBeGreaterThan((rounds * DATAGRAMS) / OF_QUIC);
    await kernel.at(300n * MINUTE).sweep();
    expect(kernel.unassured).toBe(0);
  });
});
