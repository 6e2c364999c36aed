/** What is told of connections without RTTs: why there are none. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { CLIENT, type Kernel, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import type { Segment } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

const MINUTE = 60n * SECOND;

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n, includeLocal: true });
});
afterEach(() => kernel.close());

const sends = (at: bigint, segment: Segment) => kernel.at(at).egress(CLIENT, SERVER, segment);
const says = (at: bigint, segment: Segment) => kernel.at(at).ingress(SERVER, CLIENT, segment);

/** In mid-stream; both ends have said something that is not known to be new. The client was seen first. */
function meet(): void {
  sends(0n, { tsval: 1, tsecr: 1, seq: 1000, ack: 1, payload: 10 });
  says(1n, { tsval: 1, tsecr: 1, seq: 1, ack: 1010, payload: 10 });
}

/** What is told when it is forgotten. */
async function closing() {
  await kernel.at(6n * MINUTE).sweep();
  const [last] = kernel.flowEvents().filter(({ change }) => change !== 'opening');
  return last && [last.change, last.unmeasuredSrc, last.unmeasuredDest];
}

test('both ends may have said nothing that is known to be new', async () => {
  meet();
  expect(await closing()).toEqual(['closing', 'nothing new', 'nothing new']);
});

test('an end to which an RTT was measured has no reason', async () => {
  meet();
  sends(100n, { tsval: 2, tsecr: 1, seq: 1010, ack: 11, payload: 10 });
  says(200n, { tsval: 2, tsecr: 2, seq: 11, ack: 1020 });
  expect(await closing()).toEqual(['closing', 'nothing new', undefined]);
});

test('what one end has only acknowledged asks for no answer', async () => {
  sends(0n, { tsval: 1, tsecr: 1, seq: 1000, ack: 1 });
  says(1n, { tsval: 1, tsecr: 1, seq: 1, ack: 1000, payload: 10 });
  expect(await closing()).toEqual(['closing', 'nothing new', 'no data']);
});

test('of an end that only acknowledges it is told at the end where much was sent', async () => {
  sends(0n, { tsval: 1, tsecr: 1, seq: 1000, ack: 1 });
  says(1n, { tsval: 1, tsecr: 1, seq: 1, ack: 1000 });
  for (let n = 0; n < 80; n++) {
    const at = BigInt(10 * n);
    says(at + 10n, { tsval: 2 + n, tsecr: 1, seq: 1 + 1400 * n, ack: 1000, payload: 1400 });
    sends(at + 12n, { tsval: 2, tsecr: 2 + n, seq: 1000, ack: 1 + 1400 * (n + 1) });
    if (n % 79) continue;
    kernel.events();
    await kernel.at(at + 15n).sweep(true);
    const told = kernel.flowEvents().map((event) => [event.unmeasuredSrc, event.unmeasuredDest]);
    expect(told).toEqual(n === 0 ? [] : [[undefined, 'no data']]);
  }
});

test('data that nothing has answered', async () => {
  meet();
  sends(100n, { tsval: 2, tsecr: 1, seq: 1010, ack: 11, payload: 10 });
  says(200n, { tsval: 2, tsecr: 1, seq: 11, ack: 1010 });
  expect(await closing()).toEqual(['closing', 'nothing new', 'unanswered']);
});

test('data that was sent again under its TSval', async () => {
  meet();
  for (const at of [100n, 150n]) sends(at, { tsval: 2, tsecr: 1, seq: 1010, ack: 11, payload: 10 });
  says(200n, { tsval: 2, tsecr: 2, seq: 11, ack: 1020 });
  expect(await closing()).toEqual(['closing', 'nothing new', 'ambiguous']);
});

describe('of one direction', () => {
  test('nothing is told where little was sent', async () => {
    sends(0n, { tsval: 1, seq: 1000, payload: 1400 });
    expect(await closing()).toBeUndefined();
  });

  test('it is where much was, when it is forgotten', async () => {
    for (let n = 0; n < 80; n++) {
      sends(BigInt(n), { tsval: 1 + n, seq: 1000 + 1400 * n, payload: 1400 });
    }
    await kernel.at(MINUTE).sweep();
    expect(kernel.flowEvents()).toMatchObject([
      {
        change: 'unmeasured',
        unmeasuredSrc: 'one direction',
        unmeasuredDest: 'one direction',
        recBytes: 80 * 1400,
      },
    ]);
  });
});

describe('at the end of a run', () => {
  test('those that go on are told of, too', async () => {
    meet();
    await kernel.at(SECOND).sweep();
    kernel.events();
    await kernel.at(2n * SECOND).sweep(true);
    expect(kernel.flowEvents()).toMatchObject([
      { change: 'unmeasured', unmeasuredSrc: 'nothing new', unmeasuredDest: 'nothing new' },
    ]);
  });

  test('but not where both ends were measured', async () => {
    meet();
    sends(100n, { tsval: 2, tsecr: 1, seq: 1010, ack: 11, payload: 10 });
    says(200n, { tsval: 2, tsecr: 2, seq: 11, ack: 1020, payload: 10 });
    sends(300n, { tsval: 3, tsecr: 2, seq: 1020, ack: 21 });
    await kernel.at(SECOND).sweep(true);
    expect(kernel.flowEvents().filter(({ change }) => change !== 'opening')).toEqual([]);
  });
});

test('after a FIN there may still be RTTs: if not, it is told again once it is over', async () => {
  meet();
  sends(100n, { flags: ['FIN', 'ACK'], tsval: 1, tsecr: 1, seq: 1010, ack: 11 });
  const closed = { change: 'closing', reason: 'FIN', unmeasuredSrc: 'nothing new' };
  expect(kernel.flowEvents()).toMatchObject([{ change: 'opening' }, closed]);
  expect((await closing())?.slice(0, 2)).toEqual(['unmeasured', 'nothing new']);
});

test('or once another connection has its ports', () => {
  meet();
  const [end, tsval] = [101_010, 1];
  for (let n = 0; n < 100; n++) {
    sends(100n, { tsval, tsecr: 1, seq: 1010 + 1000 * n, ack: 11, payload: 1000 });
    says(100n, { tsval, tsecr: 1, seq: 11, ack: 2010 + 1000 * n });
  }
  sends(200n, { flags: ['FIN', 'ACK'], tsval, tsecr: 1, seq: end, ack: 11 });
  says(300n, { flags: ['FIN', 'ACK'], tsval, tsecr: 1, seq: 11, ack: end + 1 });
  kernel.events();
  sends(SECOND, { flags: ['SYN'], tsval: 1_000, seq: 0x70000000 });
  const synAck = { flags: ['SYN', 'ACK'] as const, tsval: 900, tsecr: 1_000 };
  says(SECOND + 20n, { ...synAck, seq: 888, ack: 0x70000001 });
  expect(kernel.flowEvents()).toMatchObject([
    { change: 'unmeasured', unmeasuredSrc: 'nothing new', unmeasuredDest: 'nothing new' },
  ]);
  expect(kernel.counters()).toMatchObject({ flowEventsLost: 0 });
});

describe('without timestamps, where --no-sequence leaves that out', () => {
  const NO_OPTIONS = { options: Buffer.alloc(0) };
  const download = (segments: number) => {
    sends(0n, { ...NO_OPTIONS, seq: 1000, ack: 1 });
    for (let n = 0; n < segments; n++) {
      const at = BigInt(10 * n);
      says(at + 10n, { ...NO_OPTIONS, seq: 1 + 1400 * n, ack: 1000, payload: 1400 });
    }
  };
  beforeEach(() => kernel.set({ sequence: false }));

  test('it is told of once it is over, and not before', async () => {
    download(80);
    expect(kernel.events()).toEqual([]);
    await kernel.at(MINUTE).sweep();
    expect(kernel.flowEvents()).toMatchObject([
      {
        change: 'unmeasured',
        unmeasuredSrc: 'no timestamps',
        unmeasuredDest: 'no timestamps',
        sentBytes: 80 * 1400,
        recPackets: 1,
      },
    ]);
    expect(kernel.counters()).toMatchObject({ noTimestamp: 81, remembered: 0 });
  });

  test('or the run is, unless it is small', async () => {
    download(3);
    await kernel.at(SECOND).sweep(true);
    expect(kernel.events()).toEqual([]);
    download(80);
    await kernel.at(2n * SECOND).sweep(true);
    expect(kernel.flowEvents()).toMatchObject([{ unmeasuredDest: 'no timestamps' }]);
  });

  test('or another connection has its ports', () => {
    download(80);
    sends(SECOND, { ...NO_OPTIONS, flags: ['SYN'], seq: 80_000 });
    expect(kernel.events()).toEqual([]);
    says(SECOND + 20n, { ...NO_OPTIONS, flags: ['SYN', 'ACK'], seq: 0, ack: 80_001 });
    expect(kernel.flowEvents()).toMatchObject([
      { change: 'unmeasured', unmeasuredDest: 'no timestamps', sentBytes: 80 * 1400 },
    ]);
  });

  test('a connection with timestamps on the same ports is measured from its SYN on', () => {
    download(80);
    const syn = { flags: ['SYN'] as const, tsval: 200, seq: 80_000 };
    kernel.at(SECOND).egress(CLIENT, SERVER, syn);
    const synAck = { flags: ['SYN', 'ACK'] as const, tsval: 2, tsecr: 200, seq: 0, ack: 80_001 };
    says(SECOND + 20n, synAck);
    sends(SECOND + 30n, { tsval: 201, tsecr: 2, seq: 80_001, ack: 1 });
    expect(kernel.rtts()).toMatchObject([{ rtt: 20 }, { rtt: 10 }]);
  });
});
