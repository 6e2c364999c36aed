/** The clsact qdisc, asked of the kernel by netlink: libbpf can make one, but not look for it. */
import { endianness } from 'node:os';
import { checkErrno } from './errors.js';
import { libc } from './ffi.js';

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const NETLINK_ROUTE = 0;
const MSG_DONTWAIT = 0x40;

/** linux/rtnetlink.h, linux/netlink.h, linux/pkt_sched.h */
const RTM_NEWQDISC = 36;
const RTM_GETQDISC = 38;
/** Kernels before 6.6 answer only with an echo. */
const NLM_F_REQUEST_ECHO = 1 | 8;
const TC_H_CLSACT = 0xffff_fff1;
const CLSACT_HANDLE = 0xffff_0000;

/** struct nlmsghdr, then struct tcmsg */
const MESSAGE = { length: 0, type: 4, flags: 6, index: 20, handle: 24, parent: 28, size: 36 };
const MOST_BYTES = 4096;

const LITTLE = endianness() === 'LE';

/** @param index of an interface; false where there is none */
export function hasClsact(index: number): boolean {
  const socket = checkErrno('open a socket', libc.socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  try {
    const request = requestFor(index);
    checkErrno('ask for the clsact qdisc', libc.send(socket, request, request.length, 0));
    const answer = Buffer.alloc(MOST_BYTES);
    // It is there when send() returns.
    const size = libc.recv(socket, answer, MOST_BYTES, MSG_DONTWAIT);
    return isClsact(answer.subarray(0, checkErrno('ask for the clsact qdisc', size)));
  } finally {
    libc.close(socket);
  }
}

function requestFor(index: number): Buffer {
  const request = Buffer.alloc(MESSAGE.size);
  const view = viewOf(request);
  view.setUint32(MESSAGE.length, MESSAGE.size, LITTLE);
  view.setUint16(MESSAGE.type, RTM_GETQDISC, LITTLE);
  view.setUint16(MESSAGE.flags, NLM_F_REQUEST_ECHO, LITTLE);
  view.setUint32(MESSAGE.index, index, LITTLE);
  view.setUint32(MESSAGE.handle, CLSACT_HANDLE, LITTLE);
  view.setUint32(MESSAGE.parent, TC_H_CLSACT, LITTLE);
  return request;
}

/** Else the answer is an error, or the ingress qdisc, which sits in the same place. */
function isClsact(answer: Buffer): boolean {
  const type = viewOf(answer).getUint16(MESSAGE.type, LITTLE);
  return type === RTM_NEWQDISC && answer.includes('clsact\0', MESSAGE.size, 'latin1');
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
