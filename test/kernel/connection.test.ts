/** Flows open, close, and do not come back. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  CLIENT,
  exchange,
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
  kernel = new Targets({ rate: 0n, handshake: false });
});
afterEach(() => kernel.close());

const told = () =>
  kernel
    .flowEvents()
    .map(({ change, reason, triggeredBy }) => `${change} due to ${reason} from ${triggeredBy}`);

/** SYN, SYN-ACK, ACK, one tick of TSval apart. */
function shakeHands(tsval = 10, seq = 1000): void {
  kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval, seq: seq - 1 });
  kernel.ingress(SERVER, CLIENT, {
    flags: ['SYN', 'ACK'],
    tsval: 5,
    tsecr: tsval,
    seq: 1,
    ack: seq,
  });
  kernel.egress(CLIENT, SERVER, { tsval: tsval + 1, tsecr: 5, seq, ack: 2 });
}

describe('opening', () => {
  test('after a handshake it is due to the SYN-ACK from dest; src is who sent the SYN', () => {
    shakeHands();
    const events = kernel.flowEvents();
    expect(events).toMatchObject([
      { change: 'opening', reason: 'SYN-ACK', triggeredBy: 'dest', srcPort: CLIENT.port },
    ]);
  });

  test('in mid-stream it waits for both directions; src is who was seen first', () => {
    kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
    expect(kernel.flowEvents()).toEqual([]);
    kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
    kernel.egress(CLIENT, SERVER, { tsval: 2, tsecr: 1 });
    expect(kernel.flowEvents()).toMatchObject([
      {
        change: 'opening',
        reason: 'first observed packet',
        triggeredBy: 'src',
        srcPort: SERVER.port,
      },
    ]);
  });

  test('where only the SYN was seen, it is due to that', () => {
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 999 });
    kernel.egress(CLIENT, SERVER, { tsval: 11, tsecr: 5, seq: 1000 });
    expect(told()).toEqual([]);
    kernel.ingress(SERVER, CLIENT, { tsval: 6, tsecr: 11, ack: 1000 });
    expect(told()).toEqual(['opening due to SYN from src']);
  });

  test('SYNs alone make no flow', async () => {
    for (let port = 1; port <= 100; port++) {
      kernel.ingress({ address: '10.9.9.9', port }, SERVER, { flags: ['SYN'], tsval: 1, seq: 0 });
    }
    expect((await kernel.sweep()).flows).toBe(0);
    expect(kernel.counters()).toMatchObject({ ingress: 100, handshake: 100 });
  });
});

describe('closing', () => {
  test('at the first FIN, once', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 6, tsecr: 11 });
    kernel.egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 12, tsecr: 6 });
    expect(told()).toEqual(['opening due to SYN-ACK from dest', 'closing due to FIN from dest']);
  });

  test('a half-closed connection is still measured', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 6, tsecr: 11 });
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 20, seq: 1000 });
    expect(nanoseconds(kernel.rtts())).toEqual([300n]);
  });

  test('at an RST, also one without timestamps', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 2 });
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 2 });
    expect(told()).toEqual(['opening due to SYN-ACK from dest', 'closing due to RST from dest']);
  });

  test('late segments of a closed connection neither reopen it nor give samples', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 2 });
    kernel.events();
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 20, seq: 1000 });
    expect(kernel.events()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ lingering: 2 });
  });

  test('as soon as it is open, where the FIN was seen before', () => {
    kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1, payload: 5 });
    kernel.egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 2, tsecr: 1, seq: 1005 });
    kernel.ingress(SERVER, CLIENT, { tsval: 2, tsecr: 2 });
    kernel.ingress(SERVER, CLIENT, { flags: ['FIN', 'ACK'], tsval: 3, tsecr: 2 });
    expect(told()).toEqual([
      'opening due to first observed packet from src',
      'closing due to FIN from src',
    ]);
  });

  test('a SYN-ACK sent again does not reopen a closed connection', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 2 });
    kernel.events();
    kernel.ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 5, tsecr: 10, seq: 1 });
    kernel.egress(CLIENT, SERVER, { tsval: 12, tsecr: 5 });
    expect(kernel.events()).toEqual([]);
    expect(kernel.counters()).toMatchObject({ lingering: 2 });
  });

  test('a lone FIN opens no flow', async () => {
    kernel.egress(CLIENT, SERVER, { flags: ['FIN', 'ACK'], tsval: 12, tsecr: 6 });
    expect(await kernel.sweep()).toMatchObject({ flows: 1, flowsWaiting: 1 });
    expect(kernel.events()).toEqual([]);
  });

  test('at an RST that answers what its sender knows nothing of: it goes by the acknowledgement', () => {
    shakeHands();
    kernel.egress(CLIENT, SERVER, { tsval: 20, tsecr: 5, seq: 1000, ack: 2, payload: 5 });
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 2 });
    expect(told()).toContain('closing due to RST from dest');
  });

  test.each([
    ['a second later, where nothing followed', [], ['opening', 'closing']],
    ['not where the connection goes on', [500n], ['opening']],
  ])('at an RST that is nearly right, %s', async (_when, exchanges, changes) => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 60_000 });
    for (const sent of exchanges) {
      exchange(kernel, { sent, answered: sent + 400n }, { tsval: 20, seq: 1000 });
    }
    await kernel.at(SECOND).sweep();
    expect(kernel.counters()).toMatchObject({ reset: 1, strayReset: 1 });
    await kernel.at(SECOND + 1000n).sweep();
    const events = kernel.flowEvents();
    expect(events.map(({ change }) => change)).toEqual(changes);
    for (const { change, reason, triggeredBy } of events) {
      if (change === 'closing') expect([reason, triggeredBy]).toEqual(['RST', 'dest']);
    }
  });

  test.each([
    ['far ahead', 1_000_000],
    ['far behind', 3_000_000_000],
  ])('not at an RST that is %s of what is expected: anyone can send one', (_where, seq) => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq });
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 20, seq: 1000 });
    expect(kernel.events()).toMatchObject([{ change: 'opening' }, { rtt: 300 }]);
    expect(kernel.counters()).toMatchObject({ reset: 1, strayReset: 1 });
  });
});

describe('a tuple used again', () => {
  test('a SYN begins a fresh flow with a fresh cookie, counters from zero, older TSvals welcome', () => {
    shakeHands(5_000_000);
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 5_000_100, seq: 1000 });
    shakeHands(77, 5000);
    exchange(kernel, { sent: 1000n, answered: 1500n }, { tsval: 90, seq: 5000 });
    const [first, second] = kernel.rtts();
    expect(first).toMatchObject({ rtt: 300, sentPackets: 3, flowId: 1 });
    expect(second).toMatchObject({ rtt: 500, minRtt: 500, sentPackets: 3, flowId: 2 });
  });

  test('the flow that was still open is closed by it', () => {
    shakeHands();
    shakeHands(77, 5000);
    expect(told()).toEqual([
      'opening due to SYN-ACK from dest',
      'closing due to SYN from src',
      'opening due to SYN-ACK from dest',
    ]);
  });

  test('the answer to the old connection does not match in the new one', () => {
    shakeHands();
    kernel.egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
    shakeHands(77, 5000);
    kernel.egress(CLIENT, SERVER, { tsval: 99, seq: 5000, payload: 1 });
    kernel.at(900n).ingress(SERVER, CLIENT, { tsval: 9, tsecr: 100, ack: 1100 });
    expect(kernel.rtts()).toEqual([]);
  });

  test('a SYN ends nothing before it is answered: anyone can send one', () => {
    shakeHands();
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 77, seq: 80_000 });
    // A challenge ACK, of the connection that is.
    kernel.ingress(SERVER, CLIENT, { tsval: 6, tsecr: 11, seq: 2, ack: 1000 });
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 20, seq: 1000 });
    expect(kernel.events()).toMatchObject([{ change: 'opening' }, { rtt: 300, flowId: 1 }]);
  });

  test('nor does a SYN-ACK that answers another SYN', () => {
    shakeHands();
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 77, seq: 80_000 });
    kernel.ingress(SERVER, CLIENT, {
      flags: ['SYN', 'ACK'],
      tsval: 9,
      tsecr: 77,
      seq: 1,
      ack: 90_000,
    });
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 20, seq: 1000 });
    expect(kernel.events()).toMatchObject([{ change: 'opening' }, { rtt: 300, flowId: 1 }]);
  });

  test.each([
    ['the SYN', 0, 0],
    ['a part of the data after it', 3, 5],
    ['all of it', 5, 5],
  ])(
    'where the answer to the SYN was not seen, the next from there ends what was: it acknowledges %s',
    (_what, acknowledged, payload) => {
      const first = 80_000_001;
      shakeHands();
      kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 77, seq: first - 1 });
      kernel.egress(CLIENT, SERVER, { tsval: 78, tsecr: 9, seq: first, ack: 500, payload });
      expect(told()).toEqual(['opening due to SYN-ACK from dest']);
      const response = { tsval: 10, tsecr: 78, seq: 500, ack: first + acknowledged };
      kernel.ingress(SERVER, CLIENT, response);
      kernel.at(100n).egress(CLIENT, SERVER, {
        tsval: 79,
        tsecr: 10,
        seq: first + payload,
        ack: 500,
        payload: 7,
      });
      kernel
        .at(400n)
        .ingress(SERVER, CLIENT, { ...response, tsval: 11, tsecr: 79, ack: first + payload + 7 });
      expect(kernel.events()).toMatchObject([
        { change: 'closing', reason: 'SYN', triggeredBy: 'src' },
        { change: 'opening', reason: 'SYN', triggeredBy: 'src', srcPort: CLIENT.port },
        { type: 'rtt', rtt: 300 },
      ]);
      expect(kernel.counters()).toMatchObject({ retransmitted: 0 });
    },
  );

  test.each([
    [0, 2],
    [0, 60],
    [46, 60],
  ])(
    'where the answer to the SYN was not seen, what had been sent by then may be sent again (Karn): segments %d to %d',
    (acked, segments) => {
      const NONE = { options: Buffer.alloc(0) };
      const payload = 1_400;
      const at = (segment: number) => 80_000_001 + segment * payload;
      const client = (time: bigint, segment: number) =>
        kernel.at(time).egress(CLIENT, SERVER, { seq: at(segment), ack: 500, payload, ...NONE });
      const server = (time: bigint, segment: number) =>
        kernel.at(time).ingress(SERVER, CLIENT, { seq: 500, ack: at(segment), ...NONE });
      shakeHands();
      kernel.egress(CLIENT, SERVER, { flags: ['SYN'], seq: at(0) - 1, ...NONE });
      for (let segment = 0; segment < segments; segment++) client(100n, segment);
      server(200n, acked);
      for (let segment = acked; segment < segments; segment++) client(300n, segment);
      server(310n, segments);
      client(400n, segments);
      server(700n, segments + 1);
      expect(nanoseconds(kernel.rtts())).toEqual([300n]);
    },
  );

  // RFC 9293, 3.5.1: it acknowledges what came of the connection that its sender still has.
  test('a SYN does not end what was, where the answer is that of a connection that is still there', () => {
    shakeHands(10, 80_000_000);
    kernel.egress(CLIENT, SERVER, { tsval: 12, tsecr: 5, seq: 80_000_000, ack: 2, payload: 500 });
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 77, seq: 79_999_900 });
    kernel.ingress(SERVER, CLIENT, { tsval: 6, tsecr: 12, seq: 2, ack: 80_000_500 });
    expect(told()).toEqual(['opening due to SYN-ACK from dest']);
  });

  test('what is in flight of an aborted connection does not pass for the next one', () => {
    kernel.set({ handshake: true });
    shakeHands();
    kernel.egress(CLIENT, SERVER, { flags: ['RST', 'ACK'], tsval: 12, tsecr: 5, seq: 1000 });
    kernel.at(100n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 50, seq: 79_999 });
    kernel.at(110n).ingress(SERVER, CLIENT, { tsval: 7, tsecr: 11, seq: 2, ack: 1000, payload: 9 });
    kernel.at(111n).egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0), seq: 1000 });
    kernel.events();
    kernel.at(150n).ingress(SERVER, CLIENT, {
      flags: ['SYN', 'ACK'],
      tsval: 8,
      tsecr: 50,
      seq: 40_000,
      ack: 80_000,
    });
    kernel.at(151n).egress(CLIENT, SERVER, { tsval: 51, tsecr: 8, seq: 80_000, ack: 40_001 });
    expect(kernel.events()).toMatchObject([
      { change: 'opening', reason: 'SYN-ACK', flowId: 2 },
      { rtt: 50, handshake: true },
      { rtt: 1, handshake: true },
    ]);
    expect(kernel.counters()).toMatchObject({ lingering: 1 });
  });

  test.each([true, false])(
    'a handshake without timestamps ends the flow that was, too',
    (sequence) => {
      kernel.set({ sequence });
      shakeHands();
      const options = Buffer.alloc(0);
      kernel.egress(CLIENT, SERVER, { flags: ['SYN'], options, seq: 5 });
      kernel.ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], options, seq: 7, ack: 6 });
      expect(told()).toEqual(['opening due to SYN-ACK from dest', 'closing due to SYN from src']);
      expect(kernel.counters()).toMatchObject({ noTimestamp: sequence ? 0 : 2 });
    },
  );

  test('a late copy of the SYN changes nothing, though data have been sent since', () => {
    shakeHands();
    kernel.at(100n).egress(CLIENT, SERVER, { tsval: 20, seq: 1000, payload: 100 });
    kernel.at(200n).egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 10, seq: 999 });
    kernel.at(400n).ingress(SERVER, CLIENT, { tsval: 7, tsecr: 20, ack: 1100 });
    expect(kernel.events()).toMatchObject([{ change: 'opening' }, { rtt: 300, flowId: 1 }]);
  });

  test('a late copy of the SYN-ACK changes nothing', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, {
      flags: ['SYN', 'ACK'],
      tsval: 5,
      tsecr: 10,
      seq: 1,
      ack: 1000,
    });
    exchange(kernel, { sent: 100n, answered: 400n }, { tsval: 20, seq: 1000 });
    expect(kernel.events()).toMatchObject([{ change: 'opening' }, { rtt: 300, flowId: 1 }]);
  });

  test('a tombstone gives way to a new handshake at once', () => {
    shakeHands();
    kernel.ingress(SERVER, CLIENT, { flags: ['RST'], options: Buffer.alloc(0), seq: 2 });
    shakeHands(200, 5000);
    expect(told()).toEqual([
      'opening due to SYN-ACK from dest',
      'closing due to RST from dest',
      'opening due to SYN-ACK from dest',
    ]);
  });
});

describe('sweeping', () => {
  test('an idle flow is forgotten after --flow-timeout, and said to close', async () => {
    meetInMidStream(kernel);
    kernel.events();
    expect(await kernel.at(300n * SECOND).sweep()).toMatchObject({ flows: 1, flowsDeleted: 0 });
    expect(await kernel.at(300n * SECOND + 1n).sweep()).toMatchObject({
      flows: 1,
      flowsDeleted: 1,
    });
    expect(told()).toEqual(['closing due to flow timeout from garbage collection']);
    expect(await kernel.sweep()).toMatchObject({ flows: 0 });
  });

  test('one that never opened is forgotten after 30 s, in silence', async () => {
    kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
    expect(await kernel.at(30n * SECOND).sweep()).toMatchObject({ flowsDeleted: 0 });
    expect(await kernel.at(30n * SECOND + 1n).sweep()).toMatchObject({ flowsDeleted: 1 });
    expect(told()).toEqual([]);
  });

  test('tells how many flows have been seen in one direction only', async () => {
    kernel.egress(CLIENT, SERVER, { tsval: 1, tsecr: 1 });
    kernel.egress({ ...CLIENT, port: 9 }, SERVER, { tsval: 1, tsecr: 1 });
    expect(await kernel.sweep()).toMatchObject({ flows: 2, flowsWaiting: 2 });
    kernel.ingress(SERVER, CLIENT, { tsval: 1, tsecr: 1 });
    expect(await kernel.sweep()).toMatchObject({ flows: 2, flowsWaiting: 1 });
  });

  test('an identifier is forgotten with its flow', async () => {
    meetInMidStream(kernel);
    kernel.egress(CLIENT, SERVER, { tsval: 50, seq: 1000, payload: 1 });
    kernel.egress(CLIENT, SERVER, { flags: ['SYN'], tsval: 90, seq: 9 });
    kernel.ingress(SERVER, CLIENT, { flags: ['SYN', 'ACK'], tsval: 9, tsecr: 90, seq: 1, ack: 10 });
    expect(await kernel.sweep()).toMatchObject({ flows: 0, timestamps: 0 });
    expect(kernel.counters()).toMatchObject({ remembered: 1, unanswered: 1 });
  });

  test('no timeout is longer than --flow-timeout', async () => {
    kernel.set({ flowTimeout: SECOND });
    meetInMidStream(kernel);
    kernel.egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0) });
    kernel.egress({ ...CLIENT, port: 9 }, SERVER, { tsval: 1, tsecr: 1 });
    expect(await kernel.at(SECOND).sweep()).toMatchObject({ flows: 2, flowsDeleted: 0 });
    expect(await kernel.at(SECOND + 1n).sweep()).toMatchObject({ flowsDeleted: 2 });
  });

  test('a tombstone goes after 5 s; what comes then is a new flow', async () => {
    meetInMidStream(kernel);
    kernel.egress(CLIENT, SERVER, { flags: ['RST'], options: Buffer.alloc(0) });
    expect(await kernel.at(5n * SECOND + 1n).sweep()).toMatchObject({ flowsDeleted: 1 });
    kernel.events();
    meetInMidStream(kernel);
    expect(kernel.flowEvents()).toMatchObject([{ change: 'opening', flowId: 2 }]);
  });

  test('late segments keep a tombstone: the copy of a FIN is never taken for a first one', async () => {
    shakeHands();
    const fin = { flags: ['FIN', 'ACK'] as const, tsval: 20, tsecr: 5, seq: 1000, ack: 3 };
    kernel.ingress(SERVER, CLIENT, { ...fin, tsval: 6, tsecr: 11, seq: 2, ack: 1000 });
    kernel.egress(CLIENT, SERVER, fin);
    kernel.rtts();
    kernel.at(5n * SECOND).egress(CLIENT, SERVER, { ...fin, tsval: 5020 });
    await kernel.at(5n * SECOND + 1n).sweep();
    kernel.egress(CLIENT, SERVER, { ...fin, tsval: 5020 });
    const answer = { tsval: 5006, tsecr: 5020, seq: 3, ack: 1001 };
    kernel.at(5n * SECOND + 500n).ingress(SERVER, CLIENT, answer);
    expect(kernel.rtts()).toEqual([]);
    expect(await kernel.at(10n * SECOND + 500n).sweep()).toMatchObject({ flowsDeleted: 0 });
    expect(await kernel.at(10n * SECOND + 501n).sweep()).toMatchObject({ flowsDeleted: 1 });
  });

  test('an unanswered identifier is forgotten after --timestamp-timeout', async () => {
    meetInMidStream(kernel);
    kernel.at(0n).egress(CLIENT, SERVER, { tsval: 100, seq: 1000, payload: 100 });
    expect(await kernel.at(10n * SECOND).sweep()).toMatchObject({
      timestamps: 1,
      timestampsDeleted: 0,
    });
    expect(await kernel.at(10n * SECOND + 1n).sweep()).toMatchObject({ timestampsDeleted: 1 });
    kernel.ingress(SERVER, CLIENT, { tsval: 9, tsecr: 100, ack: 1100 });
    expect(kernel.rtts()).toEqual([]);
    // Nothing is outstanding any more: the answer was not even looked up.
    expect(kernel.counters()).toMatchObject({ noMatch: 0 });
  });

  test('a stall far longer than the path has ever shown is measured', async () => {
    meetInMidStream(kernel);
    exchange(kernel, { sent: 0n, answered: MILLISECOND }, { tsval: 100, seq: 1000 });
    kernel.at(SECOND).egress(CLIENT, SERVER, { tsval: 101, seq: 1100, payload: 100 });
    for (const second of [2n, 4n, 8n]) await kernel.at(second * SECOND).sweep();
    kernel.at(10n * SECOND).ingress(SERVER, CLIENT, { tsval: 9, tsecr: 101, ack: 1200 });
    expect(nanoseconds(kernel.rtts())).toEqual([MILLISECOND, 9n * SECOND]);
  });

  describe('where the governor needs room, what waits in the map', () => {
    /** One in the flow, and one in the map. */
    const twoWait = (rtt: bigint) => {
      meetInMidStream(kernel);
      exchange(kernel, { sent: 0n, answered: rtt }, { tsval: 100, seq: 1000 });
      kernel.set({ spread: true });
      for (const tsval of [101, 102]) {
        kernel
          .at(SECOND)
          .egress(CLIENT, SERVER, { tsval, seq: 1100 + 100 * (tsval - 101), payload: 100 });
      }
    };

    test('is forgotten after eight smoothed RTTs', async () => {
      twoWait(500n * MILLISECOND);
      expect(await kernel.at(5n * SECOND).sweep()).toMatchObject({ timestampsDeleted: 0 });
      expect(await kernel.at(5n * SECOND + 1n).sweep()).toMatchObject({ timestampsDeleted: 1 });
    });

    test('but not before a second, or sweeps would hide the spikes of a fast path', async () => {
      twoWait(MILLISECOND);
      expect(await kernel.at(2n * SECOND).sweep()).toMatchObject({ timestampsDeleted: 0 });
      expect(await kernel.at(2n * SECOND + 1n).sweep()).toMatchObject({ timestampsDeleted: 1 });
    });
  });

  test('a path whose RTT has risen to far above its past is measured again soon', async () => {
    kernel.set({ rate: 100n * MILLISECOND });
    meetInMidStream(kernel);
    exchange(kernel, { sent: 0n, answered: 10n * MILLISECOND }, { tsval: 100, seq: 1000 });
    kernel.rtts();
    // Now 3 s, a request every 100 ms and a sweep every second.
    const delay = 30;
    for (let step = 0; step < 200; step++) {
      kernel.at(SECOND + BigInt(step) * 100n * MILLISECOND);
      kernel.egress(CLIENT, SERVER, { tsval: 200 + step, seq: 2000 + 100 * step, payload: 100 });
      if (step % 10 === 9) await kernel.sweep();
      if (step < delay) continue;
      const answered = step - delay;
      const ack = 2100 + 100 * answered;
      kernel.ingress(SERVER, CLIENT, { tsval: 300 + step, tsecr: 200 + answered, ack });
    }
    const rtts = nanoseconds(kernel.rtts());
    expect(rtts.length).toBeGreaterThan(100);
    expect(new Set(rtts)).toEqual(new Set([3n * SECOND]));
  });
});
