/** All TCP sockets that processes have open, in whatever network namespace, as a walk over all open files tells them. */
import { LITTLE } from '../core/endianness.js';
import { OPEN_CONNECTION, OWNER, SIZE } from '../core/layouts.js';

/** Whose a socket is. */
export interface SocketOwner {
  /** The socket's. */
  readonly cookie: bigint;
  /** The id of its cgroup. */
  readonly cgroup: bigint;
  readonly uid: number;
  readonly pid: number;
  /** Up to the first 0. */
  readonly commBytes: Buffer;
  /** When the process was forked, in ns of the monotonic clock. */
  readonly started: bigint;
}

/** Where a connection's socket is in its sequence spaces. */
export interface Sequences {
  /** The oldest sequence number that is not acknowledged, and the next one to be sent. */
  readonly sndUna: number;
  readonly sndNxt: number;
  /** What it has acknowledged last, and all that it has received. */
  readonly rcvWup: number;
  readonly rcvNxt: number;
}

const ADDRESS_BYTES = 16;
const AT = OPEN_CONNECTION;

/** One record of a walk; a socket has one for each descriptor that it is open as. What is read is not copied. */
export class OpenConnectionView implements Sequences {
  #bytes: Buffer;
  #view: DataView;
  #at = 0;

  constructor() {
    this.#bytes = Buffer.alloc(0);
    this.#view = new DataView(new ArrayBuffer(0));
  }

  /** @param bytes records, beside each other */
  in(bytes: Buffer): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  at(offset: number): this {
    this.#at = offset;
    return this;
  }

  get cookie(): bigint {
    return this.#view.getBigUint64(this.#at + AT.owner + OWNER.socketCookie, LITTLE);
  }
  /** Whether it waits for connections, and has none itself. */
  get isListening(): boolean {
    return this.#number(AT.listens) !== 0;
  }
  get sndUna(): number {
    return this.#number(AT.sndUna);
  }
  get sndNxt(): number {
    return this.#number(AT.sndNxt);
  }
  get rcvWup(): number {
    return this.#number(AT.rcvWup);
  }
  get rcvNxt(): number {
    return this.#number(AT.rcvNxt);
  }
  /** Where it is, the same for all that may have been accepted through one that listens. */
  get place(): string {
    return `${this.#number(AT.namespace)} ${this.#view.getUint16(this.#at + AT.port, LITTLE)}`;
  }

  /** Whether its own end, or with 1 its peer's, is there. */
  isAt(end: 0 | 1, address: Buffer, port: number): boolean {
    const from = this.#at + AT.address + end * ADDRESS_BYTES;
    return (
      this.#view.getUint16(this.#at + AT.port + 2 * end, LITTLE) === port &&
      address.compare(this.#bytes, from, from + ADDRESS_BYTES) === 0
    );
  }

  /** A copy. */
  owner(): SocketOwner {
    const at = this.#at + AT.owner;
    const comm = this.#bytes.subarray(at + OWNER.comm, at + OWNER.comm + SIZE.comm);
    const end = comm.indexOf(0);
    return {
      cookie: this.cookie,
      cgroup: this.#view.getBigUint64(at + OWNER.cgroup, LITTLE),
      uid: this.#number(AT.owner + OWNER.uid),
      pid: this.#number(AT.owner + OWNER.pid),
      commBytes: Buffer.from(end < 0 ? comm : comm.subarray(0, end)),
      started: this.#view.getBigUint64(this.#at + AT.started, LITTLE),
    };
  }

  #number(offset: number): number {
    return this.#view.getUint32(this.#at + offset, LITTLE);
  }
}

/** What one walk has told. */
export class OpenConnections {
  readonly #pieces: Buffer[] = [];
  #count = 0;

  /** Records. */
  get count(): number {
    return this.#count;
  }

  /** @param bytes records; copied */
  add(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
    this.#count += bytes.length / OPEN_CONNECTION.size;
  }

  /** @param visit gets a view that is another's when it returns */
  forEach(visit: (connection: OpenConnectionView) => void): void {
    const view = new OpenConnectionView();
    for (const bytes of this.#pieces) {
      view.in(bytes);
      for (let at = 0; at < bytes.length; at += OPEN_CONNECTION.size) visit(view.at(at));
    }
  }
}
