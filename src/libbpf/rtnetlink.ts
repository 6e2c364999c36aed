/** Questions to the kernel by rtnetlink, and its answers. */
import { LITTLE } from '../core/endianness.js';
import { checkErrno, KernelError } from './errors.js';
import { libc } from './ffi.js';

export const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
export const MSG_DONTWAIT = 0x40;

/** linux/netlink.h */
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_REQUEST = 1;
/** Kernels before 6.6 answer some questions only with an echo. */
export const NLM_F_ECHO = 8;
/** Something has changed while the kernel answered. */
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_DUMP = 0x300;
const NLA_TYPE_MASK = 0x3fff;
/** struct nlmsghdr, struct nlattr */
const HEADER = { length: 0, type: 4, flags: 6, size: 16 } as const;
const ATTRIBUTE_BYTES = 4;
/** Whole dumps that are asked for, one after the other, until nothing has changed meanwhile. */
const MOST_DUMPS = 4;
/** As much as the kernel puts into one piece of a dump; far more than one answer takes. */
const ANSWER_BYTES = 32768;

export interface Question {
  /** RTM_GET... */
  readonly type: number;
  /** What follows the header. */
  readonly body: Buffer;
  readonly flags?: number;
}

/** By their type: see attributes(). */
export type Attributes = ReadonlyMap<number, DataView>;

/** @returns what follows the answer's header. Throws a KernelError named `operation` where the kernel refuses one. */
export function ask(operation: string, question: Question): DataView {
  const socket = send(operation, question, 0);
  try {
    const [answer] = messagesIn(receive(operation, socket));
    if (!answer) throw new KernelError(operation, ENODATA);
    return bodyOf(operation, answer);
  } finally {
    libc.close(socket);
  }
}

/** All answers, one after the other; whoever has seen enough may leave. Errors as of ask(). */
export function* dump(operation: string, question: Question): Generator<DataView> {
  for (const message of dumped(operation, question)) {
    if (typeOf(message) !== NLMSG_DONE) yield bodyOf(operation, message);
  }
}

/**
 * All answers as of one moment, which take many pieces and may change in between. Where they change again and
 * again, the last ones: some may be missing or told twice. Errors as of ask().
 * @param once asks, and gives the messages with their headers, that which ends them included
 */
export function dumpWhole(
  operation: string,
  question: Question,
  once: () => Iterable<DataView> = () => dumped(operation, question),
): DataView[] {
  for (let dumps = 1; ; dumps++) {
    const messages = Array.from(once());
    if (dumps < MOST_DUMPS && messages.some(isInterrupted)) continue;
    requireDone(operation, messages.pop());
    return messages.map((message) => bodyOf(operation, message));
  }
}

/**
 * Of `view` from `start` on; for attributes within an attribute, too. Of a type that comes again, the last.
 * @param wanted their types, where only some of many matter: a view of each costs most of the time
 */
export function attributes(view: DataView, start = 0, wanted?: ReadonlySet<number>): Attributes {
  const found = new Map<number, DataView>();
  walk(view, start, (type, at, length) => {
    if (!wanted || wanted.has(type)) found.set(type, new DataView(view.buffer, at, length));
  });
  return found;
}

/** All of one type, within an attribute that is a list; of no attribute, none. */
export function listed(view: DataView | undefined, type: number): DataView[] {
  const found: DataView[] = [];
  if (!view) return found;
  walk(view, 0, (each, at, length) => {
    if (each === type) found.push(new DataView(view.buffer, at, length));
  });
  return found;
}

/** @returns the socket, to be closed. Throws a KernelError where there is none. */
export function openSocket(): number {
  const socket = libc.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  return checkErrno('open a netlink socket', socket);
}

/** Up to its 0; of no attribute, nothing. */
export function textOf(attribute: DataView | undefined): string {
  if (!attribute) return '';
  const bytes = Buffer.from(attribute.buffer, attribute.byteOffset, attribute.byteLength);
  return bytes.toString('utf8').replace(/\0.*$/s, '');
}

export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** @param take is told of each attribute, and where in the buffer its value is */
function walk(
  view: DataView,
  start: number,
  take: (type: number, at: number, length: number) => void,
): void {
  for (let at = start; at + ATTRIBUTE_BYTES <= view.byteLength; ) {
    const length = view.getUint16(at, LITTLE);
    if (length < ATTRIBUTE_BYTES || at + length > view.byteLength) break;
    const type = view.getUint16(at + 2, LITTLE) & NLA_TYPE_MASK;
    take(type, view.byteOffset + at + ATTRIBUTE_BYTES, length - ATTRIBUTE_BYTES);
    at += aligned(length);
  }
}

const ENODATA = 61;

/** Messages with their headers, that which ends them included. */
function* dumped(operation: string, question: Question): Generator<DataView> {
  const socket = send(operation, question, NLM_F_DUMP);
  try {
    for (;;) {
      for (const message of messagesIn(receive(operation, socket))) {
        yield message;
        if (isLast(message)) return;
      }
    }
  } finally {
    libc.close(socket);
  }
}

function isLast(message: DataView): boolean {
  const type = typeOf(message);
  return type === NLMSG_DONE || type === NLMSG_ERROR;
}

function isInterrupted(message: DataView): boolean {
  return (message.getUint16(HEADER.flags, LITTLE) & NLM_F_DUMP_INTR) !== 0;
}

/** Whichever of the two ends the answers says why, where these are not all. */
function requireDone(operation: string, last: DataView | undefined): void {
  const status = last ? bodyOf(operation, last).getInt32(0, LITTLE) : -ENODATA;
  if (status < 0) throw new KernelError(operation, -status);
}

function typeOf(message: DataView): number {
  return message.getUint16(HEADER.type, LITTLE);
}

/** @returns the socket, to be closed */
function send(operation: string, { type, body, flags = 0 }: Question, more: number): number {
  const bytes = Buffer.concat([Buffer.alloc(HEADER.size), body]);
  const view = viewOf(bytes);
  view.setUint32(HEADER.length, bytes.length, LITTLE);
  view.setUint16(HEADER.type, type, LITTLE);
  view.setUint16(HEADER.flags, NLM_F_REQUEST | flags | more, LITTLE);
  const socket = openSocket();
  try {
    checkErrno(operation, libc.send(socket, bytes, bytes.length, 0));
  } catch (error) {
    libc.close(socket);
    throw error;
  }
  return socket;
}

/** Each answer is copied from it: most are short, and are asked for often. */
const room = Buffer.alloc(ANSWER_BYTES);

/** The kernel has answered before send() returns, and dumps go on before recv() does. */
function receive(operation: string, socket: number): DataView {
  const length = checkErrno(operation, libc.recv(socket, room, room.length, MSG_DONTWAIT));
  return viewOf(Buffer.from(room.subarray(0, length)));
}

function* messagesIn(piece: DataView): Generator<DataView> {
  for (let at = 0; at + HEADER.size <= piece.byteLength; ) {
    const length = piece.getUint32(at + HEADER.length, LITTLE);
    if (length < HEADER.size || at + length > piece.byteLength) return;
    yield new DataView(piece.buffer, piece.byteOffset + at, length);
    at += aligned(length);
  }
}

function bodyOf(operation: string, message: DataView): DataView {
  if (typeOf(message) === NLMSG_ERROR) {
    throw new KernelError(operation, -message.getInt32(HEADER.size, LITTLE));
  }
  const { buffer, byteOffset, byteLength } = message;
  return new DataView(buffer, byteOffset + HEADER.size, byteLength - HEADER.size);
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}
