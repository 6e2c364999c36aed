import { expect, test } from '@jest/globals';
import { type CounterName, FATES } from '../../src/core/counters.js';
import { fatesText } from '../../src/format/fates.js';
import { countersOf } from '../helpers/events/events.js';

test('the most frequent come first, and what there is none of is left out', () => {
  const counters = countersOf({ pureAck: 2, reset: 1, noTimestamp: 3 });
  expect(fatesText(counters)).toBe('3 TCP packets without timestamps, 2 pure ACKs, 1 RST');
  expect(fatesText(counters, ['reset', 'handshake'])).toBe('1 RST');
  expect(fatesText(counters, ['handshake'])).toBe('');
});

test.each(FATES)('%s has words of its own, for one and for many', (fate: CounterName) => {
  const [one, many] = [1, 2].map((number) => fatesText(countersOf({ [fate]: number })));
  expect(one).toMatch(/^1 (?!.*(packets|fragments|RSTs|ACKs))/);
  expect(many).toMatch(/^2 .*(packets|fragments|RSTs|ACKs)/);
  expect(`${one}${many}`).not.toMatch(/[a-z][A-Z]/);
});
