/**
 * The filter in a place, asked of the kernel by rtnetlink: libbpf tells only its program's id, and
 * looking into a program takes CAP_SYS_ADMIN. But libbpf has given the filter a name when it was
 * attached, of the program's name and id, and that anybody may read.
 */
import type { Hook } from './attachment.js';
import { checkErrno, KernelError } from './errors.js';
import { libc } from './ffi.js';

/** Where a filter is; `handle` and `priority` as tc shows them. */
export interface Place {
  /** Of the interface. */
  readonly index: number;
  readonly hook: Hook;
  readonly handle: number;
  readonly priority: number;
}

export interface PlacedFilter {
  /** Of a BPF program that is still loaded: 0 for a filter that has none. */
  readonly programId: number;
  /** As libbpf gives it: `<program>:[<id>]`. */
  readonly name: string;
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const MSG_DONTWAIT = 0x40;
/** linux/netlink.h, linux/rtnetlink.h, linux/pkt_cls.h */
const NLM_F_REQUEST = 1;
const NLMSG_ERROR = 2;
const RTM_GETTFILTER = 46;
const TCA_OPTIONS = 2;
const TCA_BPF_NAME = 7;
const TCA_BPF_ID = 11;
const NLA_TYPE_MASK = 0x3fff;
/** struct nlmsghdr, struct tcmsg, struct nlattr */
const HEADER_BYTES = 16;
const TCMSG_BYTES = 20;
const ATTRIBUTE_BYTES = 4;
const PARENT: Record<Hook, number> = { ingress: 0xfffffff2, egress: 0xfffffff3 };
const ETH_P_ALL = 3;
/** Far more than a filter's description takes. */
const REPLY_BYTES = 16384;
const ENOENT = 2;
const EINVAL = 22;

const LITTLE = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Undefined where no filter is. Throws a KernelError where that cannot be found out. */
export function filterAt(place: Place): PlacedFilter | undefined {
  const reply = ask(requestFor(place));
  if (reply.getUint16(4, LITTLE) === NLMSG_ERROR) {
    const errno = -reply.getInt32(HEADER_BYTES, LITTLE);
    // EINVAL: the hook has no filter at all yet.
    if (errno === ENOENT || errno === EINVAL) return undefined;
    throw new KernelError('ask for a filter', errno);
  }
  const options = attributes(reply, HEADER_BYTES + TCMSG_BYTES).get(TCA_OPTIONS);
  const described = options && attributes(options, 0);
  return {
    programId: described?.get(TCA_BPF_ID)?.getUint32(0, LITTLE) ?? 0,
    name: textOf(described?.get(TCA_BPF_NAME)),
  };
}

function requestFor({ index, hook, handle, priority }: Place): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + TCMSG_BYTES);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, LITTLE);
  view.setUint16(4, RTM_GETTFILTER, LITTLE);
  view.setUint16(6, NLM_F_REQUEST, LITTLE);
  view.setInt32(HEADER_BYTES + 4, index, LITTLE);
  view.setUint32(HEADER_BYTES + 8, handle, LITTLE);
  view.setUint32(HEADER_BYTES + 12, PARENT[hook], LITTLE);
  // Priority and protocol in one number, the protocol in network order.
  view.setUint16(HEADER_BYTES + (LITTLE ? 18 : 16), priority, LITTLE);
  view.setUint16(HEADER_BYTES + (LITTLE ? 16 : 18), ETH_P_ALL, false);
  return bytes;
}

/** @returns the one message that is the answer */
function ask(request: Buffer): DataView {
  const reply = Buffer.alloc(REPLY_BYTES);
  const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  checkErrno('open a netlink socket', socket);
  try {
    checkErrno('ask for a filter', libc.send(socket, request, request.length, 0));
    // The kernel has answered before send returns.
    const length = libc.recv(socket, reply, reply.length, MSG_DONTWAIT);
    return viewOf(reply.subarray(0, checkErrno('ask for a filter', length)));
  } finally {
    libc.close(socket);
  }
}

function attributes(view: DataView, start: number): Map<number, DataView> {
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

/** Up to its 0. */
function textOf(view: DataView | undefined): string {
  if (!view) return '';
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return bytes.toString('latin1').replace(/\0.*$/s, '');
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
