import { describe, expect, test } from '@jest/globals';
import { PerFlow } from '../../src/events/per-flow.js';
import type { KernelEvent } from '../../src/events/types.js';
import { endpointText } from '../../src/text/address.js';
import { flowEvent, ipv4, reversed, rttEvent } from '../helpers/events/events.js';

const MAX_FLOWS = 65_536;
/** Of these, so many at once. */
const EVICTED = 4_096;
/** Flows in the table in front. */
const RECENT = 4_096;

/** A cache, and what was rendered for it. */
function counting() {
  const rendered: number[] = [];
  const texts = new PerFlow<string>((event: KernelEvent) => {
    rendered.push(event.flowId);
    const { srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
    const [src, dest] = [
      endpointText(srcAddress, srcPort, ipVersion),
      endpointText(destAddress, destPort, ipVersion),
    ];
    return `${event.flowId} ${src} ${dest}`;
  }, MAX_FLOWS);
  return { texts, rendered };
}

describe('rendering', () => {
  test('is done once for a flow, whatever the events', () => {
    const { texts, rendered } = counting();
    const events = [rttEvent(), rttEvent({ rtt: 1, timestamp: 5n }), flowEvent()];
    expect(events.map((event) => texts.of(event))).toEqual(
      Array(3).fill('7 192.0.2.1:443 198.51.100.2:51515'),
    );
    expect(rendered).toEqual([7]);
  });

  test('is done once for each direction, source first', () => {
    const { texts, rendered } = counting();
    const there = rttEvent();
    const back = reversed(there);
    for (let round = 0; round < 3; round++) {
      expect(texts.of(there)).toBe('7 192.0.2.1:443 198.51.100.2:51515');
      expect(texts.of(back)).toBe('7 198.51.100.2:51515 192.0.2.1:443');
    }
    expect(rendered).toEqual([7, 7]);
  });

  test('keeps directions apart by address where both ports are equal', () => {
    const { texts, rendered } = counting();
    const there = rttEvent({ srcPort: 179, destPort: 179 });
    for (let round = 0; round < 3; round++) {
      expect(texts.of(there)).toBe('7 192.0.2.1:179 198.51.100.2:179');
      expect(texts.of(reversed(there))).toBe('7 198.51.100.2:179 192.0.2.1:179');
    }
    expect(rendered).toEqual([7, 7]);
  });

  test('keeps directions apart by port where both addresses are equal', () => {
    const { texts, rendered } = counting();
    const here = ipv4('127.0.0.1');
    const there = rttEvent({ srcAddress: here, destAddress: here, srcPort: 1, destPort: 2 });
    for (let round = 0; round < 3; round++) {
      expect(texts.of(there)).toBe('7 127.0.0.1:1 127.0.0.1:2');
      expect(texts.of(reversed(there))).toBe('7 127.0.0.1:2 127.0.0.1:1');
    }
    expect(rendered).toEqual([7, 7]);
  });

  test('is done anew for another flow between the same ends', () => {
    const { texts, rendered } = counting();
    expect(texts.of(rttEvent({ flowId: 1 }))).toMatch(/^1 /);
    expect(texts.of(rttEvent({ flowId: 2 }))).toMatch(/^2 /);
    expect(rendered).toEqual([1, 2]);
  });
});

describe(`the bound of ${MAX_FLOWS} flows`, () => {
  test('lets that many be remembered', () => {
    const { texts, rendered } = counting();
    fill(texts);
    fill(texts);
    expect(rendered).toHaveLength(MAX_FLOWS);
  });

  test('makes one more push out those remembered longest, and no other', () => {
    const { texts, rendered } = counting();
    fill(texts);
    rendered.length = 0;
    texts.of(rttEvent({ flowId: MAX_FLOWS }));
    for (let flowId = EVICTED; flowId <= MAX_FLOWS; flowId++) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([MAX_FLOWS]);
    for (const flowId of [0, EVICTED - 1]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([MAX_FLOWS, 0, EVICTED - 1]);
  });

  test('makes those that come after it find room that is there', () => {
    const { texts, rendered } = counting();
    fill(texts);
    for (let more = 0; more < EVICTED; more++) texts.of(rttEvent({ flowId: MAX_FLOWS + more }));
    rendered.length = 0;
    for (let flowId = EVICTED; flowId < MAX_FLOWS + EVICTED; flowId++) {
      texts.of(rttEvent({ flowId }));
    }
    expect(rendered).toEqual([]);
  });

  test('makes a further direction push out none', () => {
    const { texts, rendered } = counting();
    fill(texts);
    rendered.length = 0;
    texts.of(reversed(rttEvent({ flowId: 1 })));
    fill(texts);
    expect(rendered).toEqual([1]);
  });
});

describe('a flow that has closed', () => {
  test('is still known to its last RTTs', () => {
    const { texts, rendered } = counting();
    for (let flowId = 0; flowId < RECENT; flowId++) openAndClose(texts, flowId);
    for (let flowId = 0; flowId < RECENT; flowId++) texts.of(rttEvent({ flowId }));
    expect(rendered).toHaveLength(RECENT);
  });

  test('is forgotten later: made anew, if need be', () => {
    const { texts, rendered } = counting();
    for (let flowId = 0; flowId <= RECENT; flowId++) openAndClose(texts, flowId);
    rendered.length = 0;
    texts.of(rttEvent({ flowId: 0 }));
    expect(rendered).toEqual([0]);
  });

  test('leaves its room to others', () => {
    const { texts, rendered } = counting();
    texts.of(rttEvent({ flowId: 0 }));
    for (let flowId = 1; flowId < 2 * MAX_FLOWS; flowId++) openAndClose(texts, flowId);
    rendered.length = 0;
    texts.of(rttEvent({ flowId: 0 }));
    expect(rendered).toEqual([]);
  });
});

describe('a flow that is forgotten', () => {
  const ends = { srcPort: 443, destPort: 51_515 };

  test.each([
    ['different ports', ends],
    ['equal ports', { srcPort: 179, destPort: 179 }],
  ])('is made anew, once in each direction: %s', (_, ports) => {
    const { texts, rendered } = counting();
    const there = rttEvent(ports);
    const events = [there, reversed(there), there, reversed(there)];
    for (const event of events) texts.of(event);
    texts.forget(7);
    expect(rendered).toEqual([7, 7]);
    for (const event of events) texts.of(event);
    expect(rendered).toEqual([7, 7, 7, 7]);
  });

  test('leaves those alone that share its place in the table in front', () => {
    const { texts, rendered } = counting();
    for (const flowId of [7, 8, 7 + RECENT]) texts.of(rttEvent({ flowId }));
    texts.forget(7);
    for (const flowId of [8, 7 + RECENT]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([7, 8, 7 + RECENT]);
  });

  test('is made anew also where it has left the table in front, or the map', () => {
    const { texts, rendered } = counting();
    openAndClose(texts, 7);
    texts.of(rttEvent({ flowId: 8 }));
    texts.of(rttEvent({ flowId: 8 + RECENT }));
    for (const flowId of [7, 8]) texts.forget(flowId);
    rendered.length = 0;
    for (const flowId of [7, 8]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([7, 8]);
  });

  test('is made knowing what it was before, in each direction', () => {
    const numbers = new PerFlow<number>((event, before = event.srcPort) => before + 1);
    const there = rttEvent(ends);
    const seen = () => [numbers.of(there), numbers.of(reversed(there))];
    expect(seen()).toEqual([444, 51_516]);
    numbers.forget(7);
    numbers.forget(7);
    expect(seen()).toEqual([445, 51_517]);
  });

  test('need not be known', () => {
    const { texts, rendered } = counting();
    texts.forget(7);
    expect(rendered).toEqual([]);
  });
});

function openAndClose(texts: PerFlow<string>, flowId: number): void {
  texts.of(rttEvent({ flowId }));
  texts.close(flowId);
}

function fill(texts: PerFlow<string>): void {
  for (let flowId = 0; flowId < MAX_FLOWS; flowId++) texts.of(rttEvent({ flowId }));
}
