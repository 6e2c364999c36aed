/** Sweeping while flows come and go on another CPU. */
import { afterEach, expect, jest, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { MILLISECOND, MINUTE, SECOND } from '../../lab/kernel/kernel.js';
import { PATIENCE } from '../../lab/until.js';

jest.setTimeout(600_000 * PATIENCE);

const BATCH = 5_000;
const STEPS = 46;
const STEP = 100n * MILLISECOND;
/** So many batches after its own a batch ends; there are about 100,000 flows then. */
const LIFE = 16;
const TIMEOUT = 2n * SECOND;
const EXCHANGE = WHAT.request + WHAT.data;

let kernel: DrivenKernel;
afterEach(() => kernel.close());

/** What is known of the flows by what was told. */
class Book {
  readonly open = new Set<number>();
  readonly closed = new Set<number>();
  readonly wrong: string[] = [];
  readonly reasons = new Set<string>();
  readonly #packets = new Map<number, number>();

  read(): void {
    for (const event of kernel.events()) {
      const { flowId } = event;
      if (event.type === 'rtt') this.#count(flowId, event.sentPackets + event.recPackets);
      if (event.type !== 'flow') continue;
      if (event.change === 'opening') this.#opening(flowId);
      else if (event.change === 'closing') this.#closing(flowId, event.reason);
    }
  }

  #opening(flowId: number): void {
    if (this.open.has(flowId) || this.closed.has(flowId)) this.wrong.push(`${flowId} opened twice`);
    this.open.add(flowId);
  }

  #closing(flowId: number, reason: string): void {
    if (!this.open.delete(flowId)) this.wrong.push(`${flowId} closed, but not open`);
    this.closed.add(flowId);
    this.reasons.add(reason);
  }

  #count(flowId: number, packets: number): void {
    if (packets < (this.#packets.get(flowId) ?? 0)) this.wrong.push(`${flowId} counts backwards`);
    this.#packets.set(flowId, packets);
  }
}

/** Another connection begins. */
const ANEW = WHAT.syn | WHAT.synAck;

/** How the flows of a batch end: by FINs, a reset, a new connection on their ports, or not at all. */
function endingOf(batch: number): number {
  return [WHAT.fins, WHAT.reset, ANEW, 0][batch % 4] ?? 0;
}

test('at 100,000 flows none is closed twice, and none is forgotten', async () => {
  kernel = new DrivenKernel(
    { rate: 0n, includeLocal: true, flowTimeout: TIMEOUT },
    { flows: 1 << 19, timestamps: 1 << 19, events: 64 << 20 },
  );
  const book = new Book();
  let most = 0;
  const during = async (batch: number, what: number, identifier: number) => {
    const flows = { first: batch * BATCH, count: BATCH, what, identifier, rtt: 1_000n };
    const [swept] = await Promise.all([
      kernel.sweep(),
      batch < 0 || what === 0 ? undefined : kernel.driveAsync(flows),
    ]);
    most = Math.max(most, swept.flows);
    book.read();
  };

  for (let step = 0; step < STEPS; step++) {
    kernel.at(BigInt(step) * STEP);
    const ending = step - LIFE;
    await during(step, EXCHANGE, 1);
    await during(step - 1, EXCHANGE, 2);
    await during(ending, endingOf(ending), 3);
    // The ports that are used again.
    if (endingOf(ending) === ANEW) await during(ending, EXCHANGE, 4);
    // Some wake up, or end, just when the sweep is about to forget them.
    const stale = step - 1 - Number(TIMEOUT / STEP);
    await during(stale, stale % 8 < 4 ? EXCHANGE : WHAT.fins, 5);
  }
  expect(most).toBeGreaterThan(100_000);
  for (const minutes of [5n, 10n]) {
    await kernel.at(minutes * MINUTE).sweep();
    book.read();
  }
  expect(await kernel.sweep()).toMatchObject({ flows: 0, timestamps: 0 });
  expect(kernel.counters()).toMatchObject({ flowMapFull: 0, flowEventsLost: 0, rttEventsLost: 0 });
  expect(book.wrong).toEqual([]);
  expect([...book.open]).toEqual([]);
  expect(book.closed.size).toBeGreaterThan(STEPS * BATCH);
  expect(book.reasons).toEqual(new Set(['FIN', 'RST', 'SYN', 'flow timeout']));
});
