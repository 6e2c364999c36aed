import { describe, expect, test } from '@jest/globals';
import type { Counters } from '../../src/core/counters.js';
import { explainSilence, type Look, SilenceWatch } from '../../src/summary/silence.js';
import { countersOf } from '../helpers/events/events.js';

const QUIET = { source: 'live', tunnels: false, flows: 3, flowsWaiting: 0 } as const;
const look = (counted: Partial<Counters>, flows: Partial<Look> = {}): Look => ({
  counters: countersOf(counted),
  ...QUIET,
  ...flows,
});

/** What is said after 5 s in which these were counted. */
function reasonFor(counted: Partial<Counters>, flows: Partial<Look> = {}): string | undefined {
  return new SilenceWatch(countersOf(), 0).look(look(counted, flows), 5_000)?.reason;
}

const ONE_WAY = { flows: 4, flowsWaiting: 4 };

describe('the reason is', () => {
  test.each<[string, Partial<Counters>, Partial<Look>]>([
    ['no packets', {}, {}],
    ['not read', { ingress: 9, notIp: 2, notTcp: 3, fragment: 3, malformed: 1 }, {}],
    ['not read', { captured: 9, truncated: 9 }, {}],
    ['not read', { captured: 9, malformed: 5, pureAck: 4 }, {}],
    ['no data', { captured: 99, notTcp: 90, malformed: 4, pureAck: 5 }, {}],
    ['filtered', { egress: 9, notTcp: 4, malformed: 2, filtered: 3 }, {}],
    ['no timestamps', { egress: 5, ingress: 5, notTcp: 1, noTimestamp: 8, reset: 1 }, {}],
    ['no timestamps', { ingress: 9, handshake: 1, noTimestamp: 7, filtered: 1 }, {}],
    ['handshakes only', { ingress: 9, handshake: 7, reset: 1, noTimestamp: 1 }, { flows: 0 }],
    ['handshakes only', { ingress: 4, handshake: 2, reset: 2 }, ONE_WAY],
    ['resets only', { ingress: 4, reset: 4 }, { flows: 0 }],
    ['resets only', { ingress: 4, reset: 3, handshake: 1 }, { flows: 0 }],
    ['maps full', { egress: 9, flowMapFull: 9 }, ONE_WAY],
    ['maps full', { egress: 9, timestampMapFull: 1, pureAck: 8 }, {}],
    ['no data', { egress: 9, flowMapFull: 1, pureAck: 8 }, {}],
    ['unanswered', { egress: 9, remembered: 5, timestampMapFull: 4 }, {}],
    ['one direction', { egress: 9, remembered: 9 }, ONE_WAY],
    ['one direction', { egress: 9, pureAck: 9 }, { flows: 1, flowsWaiting: 1 }],
    ['one direction', { egress: 9, pureAck: 6, reset: 2, lingering: 1 }, ONE_WAY],
    // Most is of connections that nobody has looked at.
    ['no data', { egress: 9, pureAck: 4, lingering: 5 }, ONE_WAY],
    ['no data', { egress: 9, pureAck: 4, noTimestamp: 5 }, ONE_WAY],
    ['unanswered', { egress: 9, remembered: 1, rateLimited: 4, local: 4 }, {}],
    ['rate-limited', { egress: 9, rateLimited: 1, local: 8 }, {}],
    ['local only', { ingress: 9, local: 1, pureAck: 8 }, {}],
    ['nothing new', { ingress: 9, identifierNotNew: 1, pureAck: 8 }, {}],
    ['no data', { ingress: 9, pureAck: 8, lingering: 1 }, {}],
    ['no data', { egress: 9, pureAck: 9 }, { flows: 0, flowsWaiting: 0 }],
    ['no spin', { egress: 9, noSpin: 8, handshake: 1 }, {}],
    ['one direction', { egress: 9, noSpin: 9 }, ONE_WAY],
    ['no data', { egress: 9, noSpin: 8, pureAck: 1 }, {}],
  ])('%s: %j %j', (reason, counted, flows) => {
    expect(reasonFor(counted, flows)).toBe(reason);
  });

  test('of a whole capture told by what has opened, whatever is left in the table', () => {
    const of = (opened: number, counted: Partial<Counters> = {}) =>
      explainSilence(
        look({ captured: 9, remembered: 9, ...counted }, { source: 'capture', flows: 0, opened }),
      );
    expect(of(0)).toMatchObject({ reason: 'one direction', source: 'capture' });
    expect(of(1)?.reason).toBe('unanswered');
    expect(of(0, { flowEventsLost: 1 })?.reason).toBe('unanswered');
  });

  test.each(['matched', 'handshakeMatched'])('none where there was a sample (%s)', (sample) => {
    expect(explainSilence(look({ captured: 9, remembered: 8, [sample]: 1 }))).toBeUndefined();
  });
});

describe('it is told', () => {
  test('after 5 s without a sample, not before', () => {
    const watch = new SilenceWatch(countersOf(), 1_000);
    expect(watch.look(look({}), 5_999)).toBeUndefined();
    expect(watch.look(look({}), 6_000)?.reason).toBe('no packets');
  });

  test('not where a resolver has ever answered', () => {
    const watch = new SilenceWatch(countersOf(), 0);
    const answered = { egress: 5, dnsAnswered: 1 };
    expect(watch.look(look(answered), 6_000)).toBeUndefined();
    expect(watch.look(look({ ...answered, egress: 9, filtered: 4 }), 60_000)).toBeUndefined();
  });

  test.each(['matched', 'handshakeMatched'])('counting from the last one (%s)', (sample) => {
    const watch = new SilenceWatch(countersOf(), 0);
    expect(watch.look(look({ egress: 5, [sample]: 1 }), 4_000)).toBeUndefined();
    expect(watch.look(look({ egress: 9, pureAck: 4, [sample]: 1 }), 8_999)).toBeUndefined();
    const silence = watch.look(look({ egress: 9, pureAck: 4, [sample]: 1 }), 9_000);
    expect(silence?.counters).toEqual(countersOf({ egress: 4, pureAck: 4 }));
  });

  test('once, and again only when the answer is another', () => {
    const watch = new SilenceWatch(countersOf(), 0);
    const told = [
      {},
      {},
      { egress: 2, notTcp: 2 },
      { egress: 2, notTcp: 2 },
      { egress: 4, notTcp: 4 },
    ]
      .map((counted, index) => watch.look(look(counted), 5_000 * (index + 1)))
      .map((silence) => silence?.reason);
    expect(told).toEqual(['no packets', undefined, 'not read', 'no packets', 'not read']);
  });

  test('not again after samples in between, if the answer is still the same', () => {
    const watch = new SilenceWatch(countersOf(), 0);
    expect(watch.look(look({}), 5_000)?.reason).toBe('no packets');
    expect(watch.look(look({ matched: 1 }), 6_000)).toBeUndefined();
    expect(watch.look(look({ matched: 1 }), 11_000)).toBeUndefined();
  });
});

describe('at the end it is told of the whole run', () => {
  test('that was too short to tell it before', () => {
    const watch = new SilenceWatch(countersOf(), 0);
    expect(watch.look(look({ egress: 3, filtered: 3 }), 3_000)).toBeUndefined();
    const back = watch.lookBack(look({ egress: 4, filtered: 4 }));
    expect(back).toMatchObject({
      reason: 'filtered',
      counters: countersOf({ egress: 4, filtered: 4 }),
    });
  });

  test('not again, but where the reason is another', () => {
    const watch = new SilenceWatch(countersOf(), 0);
    expect(watch.look(look({}), 5_000)?.reason).toBe('no packets');
    expect(watch.lookBack(look({}))).toBeUndefined();
    expect(watch.lookBack(look({ egress: 2, notTcp: 2 }))?.reason).toBe('not read');
  });

  test('not where there was a sample', () => {
    const watch = new SilenceWatch(countersOf(), 0);
    expect(watch.lookBack(look({ egress: 9, remembered: 8, matched: 1 }))).toBeUndefined();
  });
});
