import { expect, test } from '@jest/globals';
import { FlowProgress, LEAST_SHARED_BYTES, Resent } from '../../src/summary/resent.js';
import { NO_LOSSES, rttEvent } from '../helpers/events/events.js';

const MB = 1_000_000;
const sent = (sentBytes: number, again: number, recBytes = 0, recAgain = 0) =>
  rttEvent({
    sentBytes,
    recBytes,
    sentLosses: { ...NO_LOSSES, retransmittedBytes: again },
    recLosses: { ...NO_LOSSES, retransmittedBytes: recAgain },
  });

test('what events say of a flow until then is counted once', () => {
  const [resent, flow] = [new Resent(), new FlowProgress()];
  for (const part of [1, 2, 3, 4]) flow.advance(sent(part * MB, part * 10_000), resent);
  expect(resent).toMatchObject({ bytes: 4 * MB, again: 40_000, share: 0.01 });
});

test('of both directions, and of all flows together', () => {
  const resent = new Resent();
  new FlowProgress().advance(sent(MB, 0, MB, 30_000), resent);
  new FlowProgress().advance(sent(MB, 50_000, MB, 0), resent);
  expect(resent).toMatchObject({ bytes: 4 * MB, again: 80_000, share: 0.02 });
});

test('some may be added to others', () => {
  const [resent, other] = [new Resent(), new Resent()];
  for (const each of [resent, other]) new FlowProgress().advance(sent(MB, 10_000), each);
  resent.add(other);
  expect(resent).toMatchObject({ bytes: 2 * MB, again: 20_000 });
});

test('an event that comes late counts nothing, and what follows counts once', () => {
  const [resent, flow] = [new Resent(), new FlowProgress()];
  for (const bytes of [2, 1, 3]) flow.advance(sent(bytes * MB, 0), resent);
  expect(resent.bytes).toBe(3 * MB);
});

test('of little there is no share: one packet of ten is no alarm', () => {
  const resent = new Resent();
  new FlowProgress().advance(sent(LEAST_SHARED_BYTES - 1, 1_000), resent);
  expect(resent.share).toBeUndefined();
  new FlowProgress().advance(sent(1, 0), resent);
  expect(resent.share).toBe(0.01);
});
