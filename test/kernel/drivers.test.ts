/** The drivers make the very segments that frames through the two hooks would give. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DrivenKernel, WHAT } from '../../lab/kernel/drivers.js';
import { Kernel, MICROSECOND, MILLISECOND, SECOND } from '../../lab/kernel/kernel.js';
import type { Segment, TcpFlag } from '../../lab/kernel/packets.js';
import type { KernelEvent } from '../../src/events/types.js';

const SETTINGS = { rate: 0n, includeLocal: true };
/** More than one byte of the address. */
const FIRST = 250;
const FLOWS = 20;
const STEP = 10n * MICROSECOND;
const RTT = 3n * MILLISECOND;
const PAYLOAD = 100;
const SERVER = { address: '10.255.255.254', port: 443 };

/** Flags, and what else a kind of segment has; ACK and of the client by itself, unless it is a reply. */
interface Kind {
  readonly flags: readonly TcpFlag[];
  readonly payload?: number;
  readonly isReply?: true;
  readonly isOfServer?: true;
  readonly tsecr?: number;
}

/** In the order in which drive() makes them. */
const KINDS: readonly (readonly [number, Kind])[] = [
  [WHAT.syn, { flags: ['SYN'], tsecr: 0 }],
  [WHAT.synAck, { flags: ['SYN', 'ACK'], isReply: true }],
  [WHAT.request, { flags: ['ACK'], payload: PAYLOAD }],
  [WHAT.answer, { flags: ['ACK'], isReply: true }],
  [WHAT.data, { flags: ['ACK'], payload: PAYLOAD, isReply: true }],
  [WHAT.fins, { flags: ['FIN', 'ACK'] }],
  [WHAT.reset, { flags: ['RST'] }],
  [WHAT.fins, { flags: ['FIN', 'ACK'], isOfServer: true }],
];

let driven: DrivenKernel;
let shown: Kernel;
beforeEach(() => {
  driven = new DrivenKernel(SETTINGS);
  shown = new Kernel(SETTINGS);
});
afterEach(() => {
  driven.close();
  shown.close();
});

/** One after the other, as frames. */
function show(at: bigint, what: number, identifier: number): void {
  for (let index = 0; index < FLOWS; index++) {
    const flow = FIRST + index;
    const client = { address: `10.0.${flow >> 8}.${flow & 255}`, port: 40_000 };
    for (const [kind, { flags, payload, isReply, isOfServer, tsecr }] of KINDS) {
      if (!(what & kind)) continue;
      const seq = identifier * PAYLOAD;
      const segment: Segment = {
        flags,
        seq,
        ack: kind === WHAT.synAck ? seq + 1 : seq + PAYLOAD,
        tsval: identifier,
        tsecr: tsecr ?? (isReply ? identifier : 1),
        payload: payload ?? 0,
      };
      shown.at(at + BigInt(index) * STEP + (isReply ? RTT : 0n));
      if (isReply || isOfServer) shown.ingress(SERVER, client, segment);
      else shown.egress(client, SERVER, segment);
    }
  }
}

/** The same by the driver. @returns what was told of either */
async function both(
  at: bigint,
  what: number,
  identifier: number,
): Promise<[KernelEvent[], KernelEvent[]]> {
  show(at, what, identifier);
  driven.at(at).drive({ first: FIRST, count: FLOWS, what, identifier, step: STEP, rtt: RTT });
  // The driver's segments were never packets.
  expect(driven.counters()).toEqual({ ...shown.counters(), bytes: 0, unmeasurableBytes: 0 });
  expect(await driven.sweep()).toEqual(await shown.at(at).sweep());
  return [driven.events(), shown.events()];
}

test.each([
  ['FINs', WHAT.fins],
  ['a reset', WHAT.reset],
  ['a new connection', WHAT.syn + WHAT.synAck],
])('flows that end by %s', async (_, ending) => {
  const kinds = new Set<string>();
  const steps = [
    WHAT.syn + WHAT.synAck,
    WHAT.request + WHAT.answer,
    WHAT.request + WHAT.data,
    ending,
  ];
  for (const [index, what] of steps.entries()) {
    const [events, expected] = await both(BigInt(index) * SECOND, what, index + 2);
    expect(events).toEqual(expected);
    for (const event of events) kinds.add(event.type === 'flow' ? event.change : event.type);
  }
  expect(kinds).toEqual(new Set(['opening', 'rtt', 'closing']));
});
