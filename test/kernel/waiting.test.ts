/** Where identifiers wait: one of each direction in its flow, the others in the timestamp map. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  type Kernel,
  MILLISECOND,
  meetInMidStream,
  nanoseconds,
  SECOND,
  SERVER,
} from '../../lab/kernel/kernel.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
beforeEach(() => {
  kernel = new Targets({ rate: 0n, includeLocal: true });
  meetInMidStream(kernel);
});
afterEach(() => kernel.close());

/** Ten bytes for each TSval. */
const seqOf = (tsval: number) => 1000 + 10 * tsval;
const request = (at: bigint, tsval: number) =>
  kernel.at(at).egress(CLIENT, SERVER, { tsval, tsecr: 1, seq: seqOf(tsval), payload: 10 });
const answer = (at: bigint, tsecr: number, ack = seqOf(tsecr) + 10) =>
  kernel.at(at).ingress(SERVER, CLIENT, { tsval: 1, tsecr, ack });
const rtts = () => nanoseconds(kernel.rtts());

describe('several identifiers of one direction', () => {
  beforeEach(() => {
    for (const [at, tsval] of [5, 6, 7].entries()) request(BigInt(at), tsval);
  });

  test('wait for one each', async () => {
    expect(await kernel.sweep()).toMatchObject({ timestamps: 3, timestampsDeleted: 0, slots: 1 });
    expect(kernel.counters()).toMatchObject({ remembered: 3, timestampMapFull: 0 });
  });

  test('are answered one by one, each once', () => {
    for (const tsval of [5, 6, 7]) answer(100n + BigInt(tsval), tsval);
    expect(rtts()).toEqual([105n, 105n, 105n]);
    for (const tsval of [5, 6, 7]) answer(200n, tsval);
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ matched: 3, unanswered: 0 });
  });

  test('an answer to the last acknowledges the others, too: whose own comes later says nothing', async () => {
    answer(107n, 7);
    for (const tsval of [6, 5]) answer(110n, tsval);
    expect(rtts()).toEqual([105n]);
    expect(await kernel.sweep()).toMatchObject({ timestamps: 0 });
    expect(kernel.counters()).toMatchObject({ matched: 1, superseded: 2 });
  });

  test('a delayed ACK answers the one in the flow; of those in the map what it echoes, and frees the others', async () => {
    answer(105n, 5, 1080);
    expect(rtts()).toEqual([105n]);
    expect(await kernel.sweep()).toMatchObject({ timestamps: 2, timestampsDeleted: 2 });
    expect(kernel.counters()).toMatchObject({ matched: 1, superseded: 2, unanswered: 0 });
  });

  test('one ACK may answer one in the flow and one in the map', () => {
    answer(100n, 5);
    request(200n, 8);
    answer(300n, 7, 1080);
    expect(rtts()).toEqual([100n, 298n]);
    answer(400n, 8);
    expect(rtts()).toEqual([200n]);
  });

  test('are forgotten when nothing answers them, and no longer answered', async () => {
    kernel.at(10n * SECOND + 3n);
    expect(await kernel.sweep()).toMatchObject({ timestamps: 3, timestampsDeleted: 3, slots: 0 });
    expect(kernel.counters()).toMatchObject({ unanswered: 3 });
    for (const tsval of [5, 6, 7]) answer(11n * SECOND, tsval);
    expect(rtts()).toEqual([]);
    expect(await kernel.sweep()).toMatchObject({ timestamps: 0, slots: 0 });
  });

  test('each at its own time', async () => {
    kernel.at(10n * SECOND + 1n);
    expect(await kernel.sweep()).toMatchObject({ timestamps: 3, timestampsDeleted: 1, slots: 0 });
    answer(10n * SECOND + 1n, 6);
    expect(rtts()).toEqual([10n * SECOND]);
  });

  test('an answer after the lifetime is none, whether or not a sweep came in between', () => {
    for (const tsval of [5, 6, 7]) answer(10n * SECOND + 3n, tsval);
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ matched: 0, unanswered: 3 });
  });

  test('go with their flow, when it is idle for too long', async () => {
    kernel.set({ timestampTimeout: 1_000n * SECOND });
    request(10n, 8);
    kernel.at(301n * SECOND);
    expect(await kernel.sweep()).toMatchObject({ flows: 1, flowsDeleted: 1, slots: 0 });
    expect(kernel.counters()).toMatchObject({ remembered: 4, unanswered: 4 });
  });

  test('or when its tuple is given to another, whose answers say nothing about them', async () => {
    kernel.at(SECOND).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 90, seq: 9 });
    kernel.ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 9, tsecr: 90, seq: 1, ack: 10 });
    expect(kernel.counters()).toMatchObject({ unanswered: 1 });
    expect(await kernel.sweep()).toMatchObject({ timestamps: 2, timestampsDeleted: 2 });
    expect(kernel.counters()).toMatchObject({ unanswered: 3 });
    for (const tsval of [5, 6, 7]) answer(2n * SECOND, tsval);
    expect(rtts()).toEqual([]);
  });
});

describe('what nothing answers is told, with how long it has waited', () => {
  const overdue = () =>
    kernel.events().flatMap((event) => (event.type === 'overdue' ? [event] : []));

  test('when its time is over, in the flow and in the map', async () => {
    for (const tsval of [5, 6]) request(0n, tsval);
    await kernel.at(11n * SECOND).sweep();
    expect(overdue()).toMatchObject([
      { waited: 11e9, srcPort: SERVER.port, matchOnEgress: false },
      { waited: 11e9, srcPort: SERVER.port, matchOnEgress: false },
    ]);
    expect(kernel.counters()).toMatchObject({ unanswered: 2 });
  });

  test('when its flow is forgotten', async () => {
    kernel.set({ flowTimeout: 2n * SECOND });
    kernel.at(0n).ingress(SERVER, CLIENT, { tsval: 5, tsecr: 1, payload: 10 });
    await kernel.at(3n * SECOND).sweep();
    expect(overdue()).toMatchObject([{ waited: 3e9, srcPort: CLIENT.port, matchOnEgress: true }]);
  });

  test('not what was acknowledged, nor of a connection that was reset', async () => {
    for (const tsval of [5, 6, 7]) request(0n, tsval);
    answer(100n, 5, 1080);
    await kernel.at(11n * SECOND).sweep();
    request(12n * SECOND, 8);
    kernel.egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: 1090 });
    await kernel.at(30n * SECOND).sweep();
    expect(overdue()).toEqual([]);
  });

  test('nor where the other direction was never seen', async () => {
    kernel.close();
    kernel = new Targets({ rate: 0n });
    for (const tsval of [4, 5]) request(0n, tsval);
    await kernel.at(60n * SECOND).sweep();
    expect(overdue()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ remembered: 1, unanswered: 1 });
  });
});

test('an answer has to acknowledge what waits in the flow, too', () => {
  request(0n, 5);
  answer(50n, 5, 1050);
  answer(60n, 5, 1051);
  expect(rtts()).toEqual([60n]);
});

test.each([0n, 1n])(
  'an answer stamped %d ns before its data uses it up, and is no RTT',
  (before) => {
    request(MILLISECOND, 5);
    answer(MILLISECOND - before, 5);
    answer(2n * MILLISECOND, 5);
    expect(rtts()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ belowResolution: 1, matched: 0, unanswered: 0 });
  },
);

test('the same of what waits in the map', () => {
  request(MILLISECOND, 5);
  request(MILLISECOND, 6);
  answer(MILLISECOND, 6, 1070);
  answer(2n * MILLISECOND, 6, 1070);
  expect(rtts()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ superseded: 1, belowResolution: 1 });
});

test('data whose acknowledgement was seen before it is not remembered: nothing is left to answer it', () => {
  answer(MILLISECOND, 5);
  request(2n * MILLISECOND, 5);
  answer(500n * MILLISECOND, 5);
  expect(rtts()).toEqual([]);
  expect(kernel.counters()).toMatchObject({ alreadyAcknowledged: 1 });
});

test('each direction has a place of its own', async () => {
  request(0n, 5);
  kernel.at(1n).ingress(SERVER, CLIENT, { tsval: 5, tsecr: 1, seq: 1000, payload: 10 });
  expect(await kernel.sweep()).toMatchObject({ timestamps: 2, slots: 2 });
  kernel.at(10n).egress(CLIENT, SERVER, { tsval: 5, tsecr: 5, ack: 1010 });
  answer(20n, 5);
  expect(rtts()).toEqual([9n, 20n]);
});

test('the map has room for as many as it is told, beside those in flows', () => {
  kernel.close();
  kernel = new Targets({ rate: 0n }, 'ethernet', { timestamps: 2 });
  meetInMidStream(kernel);
  for (const tsval of [5, 6, 7, 8, 9]) request(BigInt(tsval), tsval);
  expect(kernel.counters()).toMatchObject({ remembered: 3, timestampMapFull: 2 });
});
