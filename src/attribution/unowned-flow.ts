/** A flow that was met in mid-stream, and nothing has told whose it is, as the programs list it. */
import { LITTLE } from '../core/endianness.js';
import { KNOWN, OWNER, SIZE, UNOWNED_FLOW, UNOWNED_VERDICT } from '../core/layouts.js';
import type { SocketOwner } from './open-connection.js';

/** Of what a flow has; the two ends are in the order of its key. */
export type End = 0 | 1;
export const ENDS = [0, 1] as const;

/** What one end has sent last, undefined where that is not known. */
export interface LastSent {
  /** The sequence number just beyond it. */
  readonly nextSeq: number | undefined;
  readonly ack: number | undefined;
}

export interface UnownedFlow {
  /** As in events. */
  readonly id: number;
  /** Its number in the list. */
  readonly at: number;
  /** 16 bytes each. */
  readonly addresses: readonly [Buffer, Buffer];
  readonly ports: readonly [number, number];
  readonly sent: readonly [LastSent, LastSent];
}

/** What has been found out about one that is listed. */
export type Verdict =
  | {
      readonly flow: UnownedFlow;
      readonly is: 'owned';
      readonly end: End;
      readonly owner: SocketOwner;
    }
  | { readonly flow: UnownedFlow; readonly is: 'refused' | 'givenUp' };

const ADDRESS_BYTES = 16;
const PORT_BYTES = 2;
const SEQUENCE_BYTES = 4;

/** @param bytes the list; what is told of it is copied */
export function readUnownedFlow(bytes: Buffer, at: number): UnownedFlow {
  const start = at * UNOWNED_FLOW.size;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, UNOWNED_FLOW.size);
  const addresses = Buffer.from(bytes.subarray(start, start + 2 * ADDRESS_BYTES));
  const portsAt = UNOWNED_FLOW.key + 2 * ADDRESS_BYTES;
  return {
    id: Number(view.getBigUint64(UNOWNED_FLOW.cookie, LITTLE)),
    at,
    addresses: [addresses.subarray(0, ADDRESS_BYTES), addresses.subarray(ADDRESS_BYTES)],
    ports: [view.getUint16(portsAt, LITTLE), view.getUint16(portsAt + PORT_BYTES, LITTLE)],
    sent: [lastSent(view, 0), lastSent(view, 1)],
  };
}

/** Into the list that it was read from, which is still the same. */
export function writeVerdict(bytes: Buffer, verdict: Verdict): void {
  const start = verdict.flow.at * UNOWNED_FLOW.size;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, UNOWNED_FLOW.size);
  view.setUint8(UNOWNED_FLOW.verdict, UNOWNED_VERDICT[verdict.is]);
  if (verdict.is !== 'owned') return;
  const { owner, end } = verdict;
  const at = UNOWNED_FLOW.owner;
  view.setUint8(UNOWNED_FLOW.end, end);
  view.setBigUint64(at + OWNER.cgroup, owner.cgroup, LITTLE);
  view.setBigUint64(at + OWNER.socketCookie, owner.cookie, LITTLE);
  view.setUint32(at + OWNER.uid, owner.uid, LITTLE);
  view.setUint32(at + OWNER.pid, owner.pid, LITTLE);
  bytes.fill(0, start + at + OWNER.comm, start + at + OWNER.comm + SIZE.comm);
  owner.commBytes.copy(bytes, start + at + OWNER.comm, 0, SIZE.comm - 1);
}

function lastSent(view: DataView, end: End): LastSent {
  const known = view.getUint8(UNOWNED_FLOW.known + end);
  const read = (offset: number) => view.getUint32(offset + end * SEQUENCE_BYTES, LITTLE);
  return {
    nextSeq: known & KNOWN.seqKnown ? read(UNOWNED_FLOW.nextSeq) : undefined,
    ack: known & KNOWN.ackKnown ? read(UNOWNED_FLOW.ack) : undefined,
  };
}
