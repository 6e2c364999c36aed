import { describe, expect, test } from '@jest/globals';
import { PerFlow } from '../../src/events/per-flow.js';
import type { KernelEvent } from '../../src/events/types.js';
import { endpointText } from '../../src/text/address.js';
import { flowEvent, ipv4, reversed, rttEvent } from '../helpers/events/events.js';

const MOST = 131_072;
/** So many flows may close after one until that is forgotten. */
const CLOSED = 4_096;

/** A cache, and what was rendered for it. */
function counting(most = MOST) {
  const rendered: number[] = [];
  const texts = new PerFlow<string>((event: KernelEvent) => {
    rendered.push(event.flowId);
    const { srcAddress, srcPort, destAddress, destPort, ipVersion } = event;
    const [src, dest] = [
      endpointText(srcAddress, srcPort, ipVersion),
      endpointText(destAddress, destPort, ipVersion),
    ];
    return `${event.flowId} ${src} ${dest}`;
  }, most);
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

describe('the bound', () => {
  test(`lets ${MOST} directions be remembered unless another is asked for`, () => {
    const rendered: number[] = [];
    const texts = new PerFlow<string>(({ flowId }) => `${rendered.push(flowId)}`);
    for (let round = 0; round < 2; round++) {
      for (let flowId = 0; flowId < MOST; flowId++) texts.of(rttEvent({ flowId }));
    }
    expect(rendered).toHaveLength(MOST);
    texts.of(rttEvent({ flowId: MOST }));
    for (let flowId = 0; flowId < MOST; flowId++) texts.of(rttEvent({ flowId }));
    expect(rendered.length).toBeGreaterThan(MOST + 1);
  });

  test('makes one more push out one that nothing has come of since, and no other', () => {
    const { texts, rendered } = counting(4);
    for (const flowId of [0, 1, 2, 3, 0, 2, 3, 4]) texts.of(rttEvent({ flowId }));
    rendered.length = 0;
    for (const flowId of [0, 2, 3, 4]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([]);
    texts.of(rttEvent({ flowId: 1 }));
    expect(rendered).toEqual([1]);
  });

  test('is one of directions: a further one takes the room of another', () => {
    const { texts, rendered } = counting(2);
    const there = rttEvent();
    for (const event of [there, reversed(there), there, reversed(there)]) texts.of(event);
    expect(rendered).toEqual([7, 7]);
    texts.of(rttEvent({ flowId: 8 }));
    for (const event of [there, reversed(there)]) texts.of(event);
    expect(rendered.length).toBeGreaterThan(3);
  });
});

describe('a flow that has closed', () => {
  test('is still known to its last RTTs', () => {
    const { texts, rendered } = counting();
    for (let flowId = 0; flowId < CLOSED; flowId++) openAndClose(texts, flowId);
    for (let flowId = 0; flowId < CLOSED; flowId++) texts.of(rttEvent({ flowId }));
    expect(rendered).toHaveLength(CLOSED);
  });

  test('is forgotten later: made anew, if need be', () => {
    const { texts, rendered } = counting();
    for (let flowId = 0; flowId <= CLOSED; flowId++) openAndClose(texts, flowId);
    rendered.length = 0;
    for (const flowId of [1, 0]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([0]);
  });

  test('leaves its room to others', () => {
    const { texts, rendered } = counting(2 * CLOSED);
    texts.of(rttEvent({ flowId: 0 }));
    for (let flowId = 1; flowId < 4 * CLOSED; flowId++) openAndClose(texts, flowId);
    rendered.length = 0;
    texts.of(rttEvent({ flowId: 0 }));
    expect(rendered).toEqual([]);
  });

  test('may be told to have closed more than once', () => {
    const { texts, rendered } = counting();
    for (let times = 0; times < 3; times++) openAndClose(texts, 0);
    for (let flowId = 1; flowId <= CLOSED; flowId++) openAndClose(texts, flowId);
    rendered.length = 0;
    for (const flowId of [0, CLOSED]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([0]);
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

  test('leaves others alone', () => {
    const { texts, rendered } = counting();
    for (const flowId of [7, 8, 7 + 1_024]) texts.of(rttEvent({ flowId }));
    texts.forget(7);
    for (const flowId of [8, 7 + 1_024]) texts.of(rttEvent({ flowId }));
    expect(rendered).toEqual([7, 8, 7 + 1_024]);
  });

  test('is made anew also after it has closed', () => {
    const { texts, rendered } = counting();
    openAndClose(texts, 7);
    texts.forget(7);
    texts.of(rttEvent());
    expect(rendered).toEqual([7, 7]);
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
