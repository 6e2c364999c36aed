/** Which segments are believed to be those of a socket that was noted as it opened: its sequence number is not enough. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type HookName, MILLISECOND, START } from '../../lab/kernel/kernel.js';
import type { End, Segment } from '../../lab/kernel/packets.js';
import { OwnedKernel, tsvalNow } from '../helpers/kernel/opened.js';

const CONTAINER: End = { address: '172.18.0.2', port: 40_000 };
const HIDDEN: End = { address: '192.0.2.1', port: 50_000 };
const SERVER: End = { address: '198.51.100.3', port: 443 };
const SERVICE: End = { address: '10.96.0.1', port: 443 };
const SYN_SEQ = 0xfedcba98;
const SYN_ACK_SEQ = 0x1234567;
const PID = 4_242;
const TIMESTAMP_OFFSET = 0xdeadbeef;
/** A TSval is that of now for a second, OLDEST_TSVAL_NS (bpf/kernel/opened_sockets.h). */
const FRESH_MS = 900;

let kernel: OwnedKernel;
beforeAll(() => {
  kernel = new OwnedKernel({ rate: 0n, includeLocal: true });
});
afterEach(() => kernel.forget());
afterAll(() => kernel.close());

interface Seen {
  /** Who opens the connection, as on the wire. */
  readonly from: End;
  readonly to: End;
  /** Where its SYN passes. */
  readonly hook: HookName;
  readonly synSeq?: number;
  readonly synAckSeq?: number;
  /** Beyond what the noted socket's is now, in ms; undefined: there are no timestamps. */
  readonly early?: number | undefined;
}

/** The handshake, a request and its answer. @returns the processes that were told of it */
function tell({ from, to, hook, synSeq = SYN_SEQ, synAckSeq = SYN_ACK_SEQ, early }: Seen) {
  const back = hook === 'egress' ? 'ingress' : 'egress';
  const tsval = tsvalNow(TIMESTAMP_OFFSET) + (early ?? 0);
  const stamps = (tsval: number, tsecr: number) =>
    early === undefined ? { options: Buffer.alloc(0) } : { tsval, tsecr };
  const [first, second] = [synSeq + 1, synAckSeq + 1];
  const there = (segment: Segment) => later()[hook](from, to, segment);
  const answer = (segment: Segment) => later()[back](to, from, segment);
  there({ flags: ['SYN'], seq: synSeq, ...stamps(tsval, 0) });
  answer({ flags: ['SYN', 'ACK'], seq: synAckSeq, ack: first, ...stamps(7, tsval) });
  there({ seq: first, ack: second, payload: 10, ...stamps(tsval, 7) });
  answer({ seq: second, ack: first + 10, payload: 10, ...stamps(8, tsval) });
  there({ seq: first + 10, ack: second + 10, ...stamps(tsval, 8) });
  return kernel
    .told()
    .owners.map(({ pid }) => pid)
    .filter((pid) => pid !== 0);
}

/** A busy machine may stop the test for so long that its TSvals are old: that is no proof of anything, and it is shown again. */
async function shownFresh<Told>(show: () => Told): Promise<Told> {
  for (;;) {
    const began = performance.now();
    const told = show();
    if (performance.now() - began < FRESH_MS) return told;
    await kernel.forget();
  }
}

function later(): OwnedKernel {
  return kernel.at(kernel.now - START + MILLISECOND);
}

describe.each(['egress', 'ingress'] as const)(
  'of a socket that connects, its SYN on %s',
  (hook) => {
    const noted = {
      end: 'connected',
      synSeq: SYN_SEQ,
      isn: SYN_SEQ,
      own: CONTAINER,
      pid: PID,
    } as const;
    const toldOf = (peer: End, seen: Omit<Seen, 'hook'>) =>
      shownFresh(() => {
        kernel.note({ ...noted, peer, timestampOffset: TIMESTAMP_OFFSET });
        return tell({ ...seen, hook });
      });

    test.each<[string, End, Omit<Seen, 'hook'>]>([
      ['as it was sent', SERVER, { from: CONTAINER, to: SERVER }],
      ['hidden behind another address', SERVER, { from: HIDDEN, to: SERVER }],
      ['to a service, not hidden', SERVICE, { from: CONTAINER, to: SERVER }],
      [
        'to a service and hidden, by its timestamp',
        SERVICE,
        { from: HIDDEN, to: SERVER, early: 0 },
      ],
      ['that is to leave in a moment', SERVICE, { from: HIDDEN, to: SERVER, early: 50 }],
    ])('%s', async (_, peer, seen) => {
      expect(await toldOf(peer, seen)).toEqual([PID]);
    });

    test.each<[string, End, Omit<Seen, 'hook'>]>([
      ['both ends others, and no timestamp', SERVICE, { from: HIDDEN, to: SERVER }],
      [
        'both ends others, and a timestamp of long ago',
        SERVICE,
        { from: HIDDEN, to: SERVER, early: -60_000 },
      ],
      [
        'both ends others, and a timestamp that is to come',
        SERVICE,
        { from: HIDDEN, to: SERVER, early: 60_000 },
      ],
      ['another sequence number', SERVER, { from: CONTAINER, to: SERVER, early: 0, synSeq: 5 }],
    ])('is not believed: %s', async (_, peer, seen) => {
      expect(await toldOf(peer, seen)).toEqual([]);
    });
  },
);

describe('a SYN that its receiver sends back as its own, with the same sequence number and timestamp', () => {
  const other = { ...SERVER, port: 60_000 };
  const victim = { ...HIDDEN, port: 22 };

  test.each<[string, End, End]>([
    ['from another port', other, victim],
    ['from the same', SERVER, victim],
    ['to where it came from', other, HIDDEN],
    ['to the container itself', other, { ...CONTAINER, port: 22 }],
  ])('is not the connection of whom it came from: %s', async (_, from, to) => {
    const own = { end: 'connected', own: CONTAINER, peer: SERVER, pid: PID } as const;
    const told = await shownFresh(() => {
      kernel.note({ ...own, synSeq: SYN_SEQ, isn: SYN_SEQ, timestampOffset: TIMESTAMP_OFFSET });
      const sent = tell({ from: HIDDEN, to: SERVER, hook: 'egress', early: 0 });
      return { sent, sentBack: tell({ from, to, hook: 'ingress', early: 0 }) };
    });
    expect(told).toEqual({ sent: [PID], sentBack: [] });
  });
});

describe('of a socket that accepts', () => {
  const client: End = { address: '203.0.113.9', port: 5_555 };
  const forwarded: End = { ...HIDDEN, port: 8_080 };
  const listener: End = { ...CONTAINER, port: 80 };
  const note = () =>
    kernel.note({
      ...{ end: 'accepted', own: listener, peer: client, pid: PID },
      ...{ synSeq: SYN_SEQ, isn: SYN_ACK_SEQ },
    });

  test.each<[string, Partial<Seen>]>([
    ['by a port forward', {}],
    ['by a port forward that hides the client as well', { from: { ...HIDDEN, port: 1 } }],
    ['as it is', { to: listener }],
    ['as it is, and a proxy in the kernel has made the SYN-ACK', { to: listener, synAckSeq: 9 }],
  ])('%s', (_, seen) => {
    note();
    expect(tell({ from: client, to: forwarded, hook: 'ingress', ...seen })).toEqual([PID]);
  });

  test('is not believed: another server, to which a client has sent the same sequence number', () => {
    note();
    const to = { address: '192.0.2.99', port: 8_080 };
    expect(tell({ from: client, to, hook: 'ingress', synAckSeq: 9 })).toEqual([]);
  });
});
