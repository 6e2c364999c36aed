/**
 * Ports on which there was something before: handshakes that were reset, overtaken or only half seen. What a
 * SYN or SYN-ACK of now has in common with one of before must make no RTT.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import { CLIENT, type Kernel, nanoseconds, SECOND, SERVER } from '../../lab/kernel/kernel.js';
import type { Segment } from '../../lab/kernel/packets.js';
import { Targets } from '../helpers/core/targets.js';

let kernel: Kernel;
afterEach(() => kernel.close());

const NONE = { options: Buffer.alloc(0) };
const SYN = { flags: ['SYN'], seq: 999 } as const;
const SYN_ACK = { flags: ['SYN', 'ACK'], seq: 0, ack: 1000 } as const;

/** Who sends, when, what: > is the client. */
type Step = readonly ['>' | '<', bigint, Segment];

/** @returns RTTs, in ns */
function rttsOf(steps: readonly Step[], around: Segment = {}): readonly bigint[] {
  kernel = new Targets({ rate: 0n });
  for (const [way, at, segment] of steps) {
    if (way === '>') kernel.at(at).egress(CLIENT, SERVER, { ...around, ...segment });
    else kernel.at(at).ingress(SERVER, CLIENT, { ...around, ...segment });
  }
  return nanoseconds(kernel.rtts());
}

describe('with timestamps', () => {
  const ask = { ...SYN, tsval: 10 };
  const answer = { ...SYN_ACK, tsval: 5, tsecr: 10 };
  const last = { seq: 1000, ack: 1, tsval: 11, tsecr: 5 };

  test('a SYN that is there again after an older one, overtaken, is not the first', () => {
    const older = { flags: ['SYN'], seq: 5, tsval: 9 } as const;
    const steps: Step[] = [
      ['>', 1n, ask],
      ['>', 100n, older],
      ['>', 200n, ask],
      ['<', 301n, answer],
      ['>', 401n, last],
    ];
    expect(rttsOf(steps)).toEqual([100n]);
  });

  test('nor is one after a RST, with the TSval of before', () => {
    const steps: Step[] = [
      ['>', 1n, ask],
      ['>', 100n, { flags: ['RST'], seq: 1000, ...NONE }],
      ['>', 200n, ask],
      ['<', 301n, answer],
      ['>', 401n, last],
    ];
    expect(rttsOf(steps)).toEqual([100n]);
    expect(kernel.counters()).toMatchObject({ reset: 1, handshake: 3, handshakeMatched: 1 });
  });

  test('a new attempt after a RST is measured', () => {
    const steps: Step[] = [
      ['>', 1n, { ...ask, seq: 500 }],
      ['<', 100n, { flags: ['RST', 'ACK'], seq: 0, ack: 501, ...NONE }],
      ['>', 200n, { ...ask, tsval: 12 }],
      ['<', 301n, { ...answer, tsecr: 12 }],
      ['>', 401n, { ...last, tsval: 13 }],
    ];
    expect(rttsOf(steps)).toEqual([101n, 100n]);
  });

  test('a SYN-ACK that has passed before its flow was reset is not the first', () => {
    const steps: Step[] = [
      ['<', 1n, { seq: 1, ack: 1000, tsval: 4, tsecr: 9 }],
      ['>', 2n, { seq: 1000, ack: 1, tsval: 9, tsecr: 4 }],
      ['<', 50n, answer],
      ['>', 100n, { flags: ['RST'], seq: 1000, ...NONE }],
      ['>', 200n, ask],
      ['<', 250n, answer],
      ['>', 301n, last],
    ];
    expect(rttsOf(steps)).toEqual([50n]);
  });

  test('a SYN-ACK still is there again after an RST that nearly fits, of before', async () => {
    kernel = new Targets({ rate: 0n });
    const sends = (at: bigint, segment: Segment) => kernel.at(at).egress(CLIENT, SERVER, segment);
    const answers = (at: bigint, segment: Segment) =>
      kernel.at(at).ingress(SERVER, CLIENT, segment);
    sends(0n, ask);
    answers(100n, answer);
    answers(2n * SECOND, { ...answer, flags: ['ACK'], seq: 1 });
    for (const seconds of [4n, 6n]) {
      sends(seconds * SECOND, { flags: ['RST'], seq: 9_000, ...NONE });
      await kernel.sweep();
      answers(seconds * SECOND + 1n, answer);
      await kernel.sweep();
    }
    sends(7n * SECOND, ask);
    answers(7n * SECOND + 100n, answer);
    sends(7n * SECOND + 300n, last);
    expect(nanoseconds(kernel.rtts())).toEqual([100n]);
    expect(kernel.counters()).toMatchObject({ strayReset: 2 });
  });

  test('a SYN whose acknowledgement has passed already begins nothing', () => {
    const steps: Step[] = [
      ['<', 1n, { seq: 1, ack: 1000, tsval: 4, tsecr: 10 }],
      ['<', 50n, answer],
      ['>', 200n, ask],
      ['<', 250n, answer],
      ['>', 301n, last],
    ];
    expect(rttsOf(steps)).toEqual([]);
  });

  test('data far from the handshake may be there again: an older TSecr proves nothing of it', () => {
    const steps: Step[] = [
      ['>', 1n, ask],
      ['<', 101n, answer],
      ['>', 1_000n, { seq: 9_000, ack: 1, tsval: 90, tsecr: 5, payload: 100 }],
      ['<', 1_300n, { seq: 1, ack: 9_100, tsval: 80, tsecr: 70 }],
    ];
    // That of the SYN, and of the SYN-ACK.
    expect(rttsOf(steps)).toEqual([100n, 899n]);
    expect(kernel.counters()).toMatchObject({ remembered: 1, ambiguous: 1 });
  });

  test('the acknowledgement of an earlier connection is not taken for the highest', () => {
    const old = { seq: 3_000_000_000, ack: 3_000_001_000, tsval: 4, tsecr: 9 };
    const steps: Step[] = [
      ['>', 1n, ask],
      ['<', 101n, { flags: ['SYN'], seq: 0, tsval: 5, tsecr: 0 }],
      ['>', 151n, { ...SYN, flags: ['SYN', 'ACK'], ack: 1, tsval: 11, tsecr: 5 }],
      ['>', 201n, last],
      ['<', 210n, { ...old, seq: 4_100_000_000 }],
      ['>', 300n, { seq: 1000, ack: 1, tsval: 20, tsecr: 5, payload: 100 }],
      ['>', 310n, { seq: 1100, ack: 1, tsval: 30, tsecr: 5, payload: 100 }],
      ['<', 400n, { seq: 1, ack: 1200, tsval: 9, tsecr: 10 }],
      ['<', 500n, { seq: 1, ack: 1200, tsval: 9, tsecr: 30 }],
    ];
    // 1200 is acknowledged at 400: what comes at 500 is not the first to do so.
    expect(rttsOf(steps)).toEqual([50n, 100n]);
    expect(kernel.counters()).toMatchObject({ superseded: 1 });
  });

  test('what lingers is known by its latest TSval', async () => {
    const fin = { flags: ['FIN', 'ACK'], seq: 1, ack: 1001, payload: 700, tsecr: 20 } as const;
    const at = (seconds: bigint): Step => [
      '<',
      seconds * SECOND,
      { ...fin, tsval: 1_000 + Number(seconds) * 1_000_000 },
    ];
    rttsOf([
      ['>', 1n, ask],
      ['<', 101n, answer],
      ['>', 201n, { ...last, flags: ['FIN', 'ACK'], tsval: 20 }],
      ['<', 301n, { ...fin, tsval: 1_000 }],
    ]);
    for (const seconds of [4n, 8n, 12n]) {
      const [, time, segment] = at(seconds);
      kernel.at(time).ingress(SERVER, CLIENT, segment);
      await kernel.sweep();
    }
    expect(kernel.counters()).toMatchObject({ lingering: 3, implausibleTsval: 0 });
  });
});

describe('without', () => {
  const last = { seq: 1000, ack: 1 };

  test('a SYN after a RST is not known to be the first', () => {
    const steps: Step[] = [
      ['>', 1n, SYN],
      ['>', 100n, { flags: ['RST'], seq: 1000 }],
      ['>', 200n, SYN],
      ['<', 301n, SYN_ACK],
      ['>', 401n, last],
    ];
    expect(rttsOf(steps, NONE)).toEqual([]);
  });

  test('nor is a SYN-ACK after the SYN-ACK of the other end, which has got its SYN', () => {
    const steps: Step[] = [
      ['>', 1n, SYN],
      ['>', 100n, { flags: ['SYN', 'ACK'], seq: 999, ack: 1 }],
      ['<', 200n, SYN_ACK],
      ['>', 201n, last],
    ];
    expect(rttsOf(steps, NONE)).toEqual([]);
  });

  test('nor is anything on the ports of a flow', () => {
    const steps: Step[] = [
      ['>', 1n, { seq: 10, ack: 20 }],
      ['<', 2n, { seq: 20, ack: 10 }],
      ['>', 3n, { flags: ['RST'], seq: 10 }],
      ['>', 200n, SYN],
      ['<', 301n, SYN_ACK],
      ['>', 401n, last],
    ];
    expect(rttsOf(steps, NONE)).toEqual([]);
  });
});
