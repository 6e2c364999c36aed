/** What answered: a kernel's bare acknowledgement, a segment with data, or a handshake's. */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, type Kernel, meetInMidStream, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import type { Segment } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
afterEach(() => kernel.close());

const answers = () => kernel.rtts().map(({ rtt, answer, handshake }) => [rtt, answer, handshake]);

describe('in mid-stream', () => {
  function begin(reportInterval = 0n): void {
    kernel = new Targets({ rate: 0n, reportInterval });
    meetInMidStream(kernel);
    kernel.rtts();
  }

  /** 100 bytes under a new TSval, and what answers them. */
  function ask(tsval: number, answer: Partial<Segment>, at = 0n): void {
    const seq = 100 * tsval;
    kernel.at(at).egress(CLIENT, SERVER, { tsval, seq, payload: 100 });
    const reply = { tsval, tsecr: tsval, seq: 1000, ack: seq + 100, ...answer };
    kernel.at(at + 25n).ingress(SERVER, CLIENT, reply);
  }

  test.each([
    ['a bare ACK', {}, 'ack'],
    ['one byte', { payload: 1 }, 'data'],
    ['a full segment', { payload: 1448 }, 'data'],
    ['a bare FIN', { flags: ['FIN', 'ACK'] }, 'ack'],
    ['a FIN with data', { flags: ['FIN', 'ACK'], payload: 10 }, 'data'],
    ['a pushed ACK without data', { flags: ['PSH', 'ACK'] }, 'ack'],
  ] as const)('%s is told as what it is', (_, { ...reply }: Partial<Segment>, answer) => {
    begin();
    ask(100, reply);
    expect(answers()).toEqual([[25, answer, false]]);
  });

  test('one segment may answer both what waits in the flow and what waits in the map', () => {
    begin();
    kernel.at(0n).egress(CLIENT, SERVER, { tsval: 100, seq: 10_000, payload: 100 });
    kernel.at(5n).egress(CLIENT, SERVER, { tsval: 101, seq: 10_100, payload: 100 });
    const reply = { tsval: 2, tsecr: 101, seq: 1000, payload: 5 };
    kernel.at(20n).ingress(SERVER, CLIENT, { ...reply, tsecr: 100, ack: 10_100, payload: 0 });
    kernel.at(30n).ingress(SERVER, CLIENT, { ...reply, ack: 10_200 });
    expect(answers()).toEqual([
      [20, 'ack', false],
      [25, 'data', false],
    ]);
  });

  test('without timestamps it is the same', () => {
    kernel = new Targets({ rate: 0n });
    const bare = { options: Buffer.alloc(0), seq: 1000 };
    const synAck = { ...bare, flags: ['SYN', 'ACK'], seq: 1, ack: 1000 } as const;
    kernel.at(0n).egress(CLIENT, SERVER, { ...bare, flags: ['SYN'], seq: 999 });
    kernel.at(10n).ingress(SERVER, CLIENT, synAck);
    kernel.at(15n).egress(CLIENT, SERVER, { ...bare, ack: 2 });
    kernel.at(20n).egress(CLIENT, SERVER, { ...bare, ack: 2, payload: 100 });
    kernel.at(40n).ingress(SERVER, CLIENT, { ...bare, seq: 2, ack: 1100, payload: 7 });
    expect(answers()).toEqual([
      [10, 'handshake', true],
      [5, 'handshake', true],
      [20, 'data', false],
    ]);
  });

  test('of those that the report interval has held back it is that of the last', async () => {
    begin(SECOND);
    ask(100, {}, SECOND);
    ask(101, { payload: 3 }, SECOND + 100n);
    ask(102, {}, SECOND + 200n);
    ask(103, { payload: 3 }, SECOND + 300n);
    expect(answers()).toEqual([[25, 'ack', false]]);
    await kernel.at(SECOND + 400n).sweep(true);
    expect(kernel.rtts()).toMatchObject([{ samples: 3, answer: 'data' }]);
  });
});

describe('a handshake', () => {
  const syn = { flags: ['SYN'], tsval: 10, seq: 999 } as const;
  const synAck = { flags: ['SYN', 'ACK'], tsval: 5, tsecr: 10, seq: 1, ack: 1000 } as const;
  const last = { tsval: 35, tsecr: 5, seq: 1000, ack: 2 } as const;

  function open(answer: Segment, end: Segment): void {
    kernel = new Targets({ rate: 0n });
    kernel.at(0n).egress(CLIENT, SERVER, syn);
    kernel.at(25n).ingress(SERVER, CLIENT, answer);
    kernel.at(30n).egress(CLIENT, SERVER, end);
  }

  test('is answered by two kernels', () => {
    open(synAck, last);
    expect(answers()).toEqual([
      [25, 'handshake', true],
      [5, 'handshake', true],
    ]);
  });

  test('whose SYN-ACK brings data (Fast Open) is one', () => {
    open({ ...synAck, payload: 100 }, { ...last, ack: 102 });
    expect(answers()).toEqual([
      [25, 'handshake', true],
      [5, 'handshake', true],
    ]);
  });

  test('whose last acknowledgement comes with data may have waited for the application', () => {
    open(synAck, { ...last, payload: 100 });
    expect(answers()).toEqual([
      [25, 'handshake', true],
      [5, 'data', true],
    ]);
  });

  test.each([
    [0, 'handshake'],
    [10, 'data'],
  ])(
    'whose SYN-ACK waits while data follow it is answered with %d bytes: %s',
    (payload, answer) => {
      kernel = new Targets({ rate: 0n });
      kernel.at(0n).egress(CLIENT, SERVER, { ...syn, payload: 50 });
      kernel.at(25n).ingress(SERVER, CLIENT, { ...synAck, ack: 1050 });
      kernel
        .at(26n)
        .ingress(SERVER, CLIENT, { tsval: 5, tsecr: 10, seq: 2, ack: 1050, payload: 9 });
      kernel.at(60n).egress(CLIENT, SERVER, { ...last, seq: 1050, payload });
      expect(answers()).toEqual([
        [25, 'handshake', true],
        [35, answer, true],
      ]);
    },
  );
});
