/** Two CPUs at the same moment of a flow's life: its opening, its answers, its end, its sweep. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { MINUTE, SECOND } from '../../lab/kernel/kernel.js';
import { PATIENCE } from '../../lab/until.js';
import { FATES, packetsIn } from '../../src/core/counters.js';
import type { FlowEvent, RttEvent } from '../../src/events/types.js';
import { type Collided, CollidingKernel } from '../helpers/kernel/collisions.js';

jest.setTimeout(600_000 * PATIENCE);

const EVERYTHING = { rate: 0n, includeLocal: true, flowTimeout: 60n * MINUTE };
const SIZES = { flows: 1 << 18, timestamps: 1 << 18, events: 64 << 20 };
/** In which the CPUs took turns so many times. */
const ROUNDS = 5;
const TURNS = 5_000;
/** As in collisions.c. */
const PHASE_NS = 100;
const REPEAT_RTT_NS = 500;

let kernel: CollidingKernel;
afterEach(() => kernel.close());

/** What is known of the flows by what was told. */
class Book {
  readonly open = new Set<number>();
  readonly closed = new Set<number>();
  readonly wrong: string[] = [];
  readonly #sampled = new Set<string>();

  read(): void {
    for (const event of kernel.events()) {
      if (event.type === 'rtt') this.#rtt(event);
      else if (event.type === 'flow') this.#flow(event);
    }
  }

  #flow({ flowId, change, reason }: FlowEvent): void {
    if (change === 'unmeasured') return;
    const isOpen = this.open.has(flowId);
    const wasClosed = this.closed.has(flowId);
    if (change === 'opening') {
      if (isOpen || wasClosed) this.wrong.push(`${flowId} opens (${reason}) again or too late`);
      this.open.add(flowId);
      return;
    }
    if (!isOpen) this.wrong.push(`${flowId} closes (${reason}), but is not open`);
    if (wasClosed) this.wrong.push(`${flowId} closes (${reason}) again`);
    this.open.delete(flowId);
    this.closed.add(flowId);
  }

  /** Every identifier has an answer time of its own. */
  #rtt({ flowId, srcPort, timestamp, rtt, handshake }: RttEvent): void {
    const name = `${flowId}, port ${srcPort}, at ${timestamp}, handshake ${handshake}`;
    if (this.#sampled.has(name)) this.wrong.push(`sampled twice: ${name}`);
    this.#sampled.add(name);
    if (rtt <= 0 || rtt % PHASE_NS !== 0) this.wrong.push(`${rtt} ns: ${name}`);
  }
}

/** Rounds of `act` until the CPUs have met in enough: the scheduler may run one after the other. */
async function meet(act: (round: number) => Promise<Collided>): Promise<number> {
  let round = 0;
  for (let met = 0; met < ROUNDS; round++) {
    expect(round).toBeLessThan(40 * ROUNDS);
    const { violations, alternations } = await act(round);
    expect(violations).toBe(0);
    if (alternations >= TURNS) met++;
  }
  return round;
}

test('every flow opens once and closes once, whatever meets', async () => {
  const flows = 20_000;
  kernel = new CollidingKernel(EVERYTHING, SIZES);
  const book = new Book();
  const rounds = await meet(async (round) => {
    const collided = await kernel.at(0n).live(round * flows, flows);
    // Tombstones go, and nothing else.
    await kernel.at(10n * SECOND).sweep();
    expect(kernel.stillThere(round * flows, flows)).toBe(0);
    // Then everything, so that there is room however many rounds it takes.
    await kernel.at(120n * MINUTE).sweep();
    book.read();
    return collided;
  });
  expect(await kernel.sweep()).toMatchObject({ flows: 0, timestamps: 0 });
  const counters = kernel.counters();
  expect(FATES.reduce((sum, name) => sum + counters[name], 0)).toBe(packetsIn(counters));
  expect(counters).toMatchObject({ rttEventsLost: 0, flowEventsLost: 0, flowMapFull: 0 });
  expect(counters.handshakeMatched).toBeGreaterThan(0);
  expect(book.wrong).toEqual([]);
  expect([...book.open]).toEqual([]);
  expect(book.closed.size).toBeGreaterThan(rounds * flows * 0.9);
});

test('late copies of data and of answers are not measured again; every packet is counted', async () => {
  const segments = 100_000;
  kernel = new CollidingKernel(EVERYTHING, SIZES);
  const twice: string[] = [];
  const wrong: RttEvent[] = [];
  await meet(async (flow) => {
    const collided = await kernel.at(0n).repeat(flow, segments, 1);
    const seen = new Set<string>();
    for (const event of kernel.rtts()) {
      const name = `flow ${flow}, port ${event.srcPort}, at ${event.timestamp}`;
      if (seen.has(name)) twice.push(name);
      seen.add(name);
      if (event.rtt !== REPEAT_RTT_NS) wrong.push(event);
    }
    expect(packetsOf(flow)).toBe(2 * segments);
    return collided;
  });
  expect(twice).toEqual([]);
  expect(wrong).toEqual([]);
});

/** All packets of a flow so far, as one more exchange tells. */
function packetsOf(flow: number): number {
  const client = { address: `10.0.0.${flow}`, port: 40_000 };
  const server = { address: '10.255.255.254', port: 443 };
  // A little beyond all that was sent.
  const [tsval, seq] = [1_000_000, 3_000_000];
  kernel.at(SECOND).egress(client, server, { tsval, seq, payload: 100 });
  kernel.at(2n * SECOND).ingress(server, client, { tsval: 1, tsecr: tsval, ack: seq + 100 });
  const [last] = kernel.rtts();
  return last ? last.sentPackets + last.recPackets - 2 : 0;
}
