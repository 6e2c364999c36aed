// Packets made by hand, the very same in each turn but for what has to be new in them.
import { type End, type Segment, tcpFrame } from '../lab/kernel/packets.js';
import type { LoadName } from './loads.js';
import type { HookName } from './programs.js';

/** What is shown to the programs in each turn: so many exchanges of each flow, under a rate. */
export const CONTENTS: Record<LoadName, { flows: number; exchanges: number; rateMs: number }> = {
  bulk: { flows: 4, exchanges: 250, rateMs: 100 },
  requests: { flows: 1_000, exchanges: 1, rateMs: 0 },
};
const SERVER: End = { address: '10.255.255.254', port: 443 };
const REQUEST_BYTES = 100;

export type Show = (hook: HookName, frame: Buffer) => void;
/** Who sees the packets of a flow. */
export type ShowOf = (flow: number) => Show;

/** The handshakes of all flows. */
export function shake(load: LoadName, showOf: ShowOf): void {
  for (let flow = 0; flow < CONTENTS[load].flows; flow++) {
    const show = segmentsTo(showOf(flow));
    const [from, to] = [client(flow), SERVER];
    show('egress', from, to, { flags: ['SYN'], seq: 0, ack: 0, tsval: 1, tsecr: 0 });
    show('ingress', to, from, { flags: ['SYN', 'ACK'], seq: 0, ack: 1, tsval: 1, tsecr: 1 });
    show('egress', from, to, { seq: 1, ack: 1, tsval: 2, tsecr: 1 });
  }
}

/** Each flow asks, and is answered, with a TSval of its own for each exchange. */
export function exchange(load: LoadName, turn: number, showOf: ShowOf): void {
  const { flows, exchanges } = CONTENTS[load];
  for (let at = 0; at < flows * exchanges; at++) {
    const flow = at % flows;
    const show = segmentsTo(showOf(flow));
    const number = turn * exchanges + Math.floor(at / flows);
    const [tsval, seq, ack] = [10 + number, 1 + number * REQUEST_BYTES, 1 + number * REQUEST_BYTES];
    const answered = ack + REQUEST_BYTES;
    const payload = REQUEST_BYTES;
    show('egress', client(flow), SERVER, { seq, ack, tsval, tsecr: tsval - 1, payload });
    show('ingress', SERVER, client(flow), {
      seq: ack,
      ack: answered,
      tsval,
      tsecr: tsval,
      payload,
    });
  }
}

const client = (flow: number): End => ({
  address: `10.0.${flow >> 8}.${flow & 255}`,
  port: 40_000,
});

const segmentsTo =
  (show: Show) =>
  (hook: HookName, from: End, to: End, segment: Segment): void =>
    show(hook, tcpFrame(from, to, segment));
