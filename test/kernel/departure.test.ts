/** Of a packet that leaves, the time is that of its departure: TCP's own, which fq goes by. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  CLIENT,
  Kernel,
  MILLISECOND,
  MINUTE,
  OBJECT_PATH,
  SERVER,
  START,
} from '../../lab/kernel/kernel.js';
import { writeFixedSettings } from '../../src/core/fixed-settings.js';
import { tickLength } from '../../src/libbpf/clock.js';
import { FIXED_MAP } from '../../src/maps/settings.js';
import { DEFAULT_CAPACITY } from '../../src/sampling/policy.js';

/** As the kernel's bpf_ktime_get_ns(). */
const now = (): bigint => process.hrtime.bigint();

/** Received, or sent by something that sets no time. */
const NONE = 0n;

let kernel: Kernel;

// By the kernel's own clock: what a packet carries is not taken for it.
beforeEach(() => {
  kernel = new Kernel({ rate: 0n }, 'ethernet', {}, OBJECT_PATH, (object) =>
    writeFixedSettings(object.map(FIXED_MAP), {
      linkLayer: 'ethernet',
      tickNs: tickLength(),
      maxFlows: DEFAULT_CAPACITY.flows,
    }),
  );
  kernel.holdDepartures(true);
  carrying(NONE).egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
  carrying(NONE).ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
});

afterEach(() => kernel.close());

/** What follows carries this time (skb->tstamp). */
function carrying(time: bigint): Kernel {
  return kernel.at(time - START);
}

/** Shows data that carries `time`. @returns between which times that was */
function send(time: bigint): { after: bigint; before: bigint } {
  const before = now();
  carrying(time).egress(CLIENT, SERVER, { tsval: 2, tsecr: 1, seq: 1000, payload: 100 });
  return { before, after: now() };
}

/** Shows its answer. Expects one RTT, from a time between those to now. */
function expectAnswered(departed: { after: bigint; before: bigint }, carried = NONE): void {
  const before = now();
  carrying(carried).ingress(SERVER, CLIENT, { tsval: 2, tsecr: 2, ack: 1100 });
  const [least, most] = [before - departed.after, now() - departed.before];
  const [event, ...more] = kernel.rtts();
  const rtt = BigInt(event?.rtt ?? -1);
  expect({ rtt, isRight: rtt >= least && rtt <= most }).toEqual({ rtt, isRight: true });
  expect(more).toEqual([]);
}

test('an RTT begins when the packet is to leave, not when it is queued', () => {
  const departure = now() + 30n * MILLISECOND;
  const { before, after } = send(departure);
  while (now() <= departure);
  // Where the test itself took longer than that, it leaves at once.
  const orLater = (time: bigint) => (time > departure ? time : departure);
  expectAnswered({ before: orLater(before), after: orLater(after) });
});

test.each([
  ['in the past', () => now() - MILLISECOND],
  ['of no meaning', () => NONE],
  ['beyond what fq would hold', () => now() + MINUTE],
  ['of the wall clock', () => BigInt(Date.now()) * MILLISECOND],
])('a time %s is none: the packet leaves now', (_, time) => {
  expectAnswered(send(time()));
});

test('without fq a packet leaves now, whatever time it carries', () => {
  kernel.holdDepartures(false);
  expectAnswered(send(now() + 30n * MILLISECOND));
});

test('what arrives has arrived, whatever time it carries', () => {
  expectAnswered(send(NONE), now() + 30n * MILLISECOND);
});
