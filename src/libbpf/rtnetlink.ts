/** One question about traffic control, asked of the kernel by rtnetlink, and its answer. */
import { endianness } from 'node:os';
import { checkErrno, KernelError } from './errors.js';
import { libc } from './ffi.js';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const MSG_DONTWAIT = 0x40;

/** linux/netlink.h, linux/rtnetlink.h */
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
/** Kernels before 6.6 answer some questions only with an echo. */
const NLM_F_ECHO = 8;
const NLA_TYPE_MASK = 0x3fff;
/** struct nlmsghdr, struct tcmsg, struct nlattr */
const HEADER = { length: 0, type: 4, flags: 6, size: 16 } as const;
const TCMSG = { index: 20, handle: 24, parent: 28, info: 32, end: 36 } as const;
const ATTRIBUTE_BYTES = 4;
/** Far more than one answer takes. */
const ANSWER_BYTES = 16384;

export const LITTLE = endianness() === 'LE';

/** struct tcmsg (linux/rtnetlink.h) */
export interface TrafficControl {
  /** RTM_GET... */
  readonly type: number;
  /** Of the interface. */
  readonly index: number;
  readonly handle: number;
  readonly parent: number;
  readonly info?: number;
}

/** By their type: see attributes(). */
export type Attributes = ReadonlyMap<number, DataView>;

/** @returns what the answer says. Throws a KernelError named `operation` where the kernel refuses one. */
export function askTrafficControl(operation: string, question: TrafficControl): Attributes {
  const answer = exchange(operation, messageOf(question));
  if (answer.getUint16(HEADER.type, LITTLE) === NLMSG_ERROR) {
    throw new KernelError(operation, -answer.getInt32(HEADER.size, LITTLE));
  }
  return attributes(answer, TCMSG.end);
}

/** Of `view` from `start` on; for attributes within an attribute, too. */
export function attributes(view: DataView, start = 0): Attributes {
  const found = new Map<number, DataView>();
  for (let at = start; at + ATTRIBUTE_BYTES <= view.byteLength; ) {
    const length = view.getUint16(at, LITTLE);
    if (length < ATTRIBUTE_BYTES || at + length > view.byteLength) break;
    const type = view.getUint16(at + 2, LITTLE) & NLA_TYPE_MASK;
    const value = view.byteOffset + at + ATTRIBUTE_BYTES;
    found.set(type, new DataView(view.buffer, value, length - ATTRIBUTE_BYTES));
    at += (length + 3) & ~3;
  }
  return found;
}

/** Up to its 0; of no attribute, nothing. */
export function textOf(attribute: DataView | undefined): string {
  if (!attribute) return '';
  const bytes = Buffer.from(attribute.buffer, attribute.byteOffset, attribute.byteLength);
  return bytes.toString('latin1').replace(/\0.*$/s, '');
}

function messageOf({ type, index, handle, parent, info = 0 }: TrafficControl): Buffer {
  const bytes = Buffer.alloc(TCMSG.end);
  const view = viewOf(bytes);
  view.setUint32(HEADER.length, bytes.length, LITTLE);
  view.setUint16(HEADER.type, type, LITTLE);
  view.setUint16(HEADER.flags, NLM_F_REQUEST | NLM_F_ECHO, LITTLE);
  view.setInt32(TCMSG.index, index, LITTLE);
  view.setUint32(TCMSG.handle, handle, LITTLE);
  view.setUint32(TCMSG.parent, parent, LITTLE);
  view.setUint32(TCMSG.info, info, LITTLE);
  return bytes;
}

/** @returns the one message that is the answer */
function exchange(operation: string, message: Buffer): DataView {
  const answer = Buffer.alloc(ANSWER_BYTES);
  const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  checkErrno('open a netlink socket', socket);
  try {
    checkErrno(operation, libc.send(socket, message, message.length, 0));
    // The kernel has answered before send() returns.
    const length = libc.recv(socket, answer, answer.length, MSG_DONTWAIT);
    return viewOf(answer.subarray(0, checkErrno(operation, length)));
  } finally {
    libc.close(socket);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
