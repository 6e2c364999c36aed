/** Which processes have a socket open: one walk over all open files, in the kernel, for many sockets at once, or for all. */

import { OpenConnections } from '../attribution/open-connection.js';
import {
  ownerOf,
  type Process,
  readSocketProcess,
  type SocketProcess,
} from '../attribution/socket-process.js';
import { OPEN_CONNECTION, SOCKET_OWNER } from '../core/layouts.js';
import { Fault } from '../faults.js';
import { deleteElements, putElements } from '../libbpf/elements.js';
import { Iterator } from '../libbpf/iterator.js';
import { BpfObject } from '../libbpf/object.js';

const FIND = 'pping_owners';
const TELL_ALL = 'pping_open';
const WANTED_MAP = 'wanted';
/** What is read at once; the kernel gathers 8 pages. */
const BUFFER_BYTES = 800 * SOCKET_OWNER.size;
/** Likewise; less than 8 pages. */
const CONNECTIONS_BYTES = 292 * OPEN_CONNECTION.size;

export class SocketOwners {
  readonly #object: BpfObject;
  readonly #iterator: Iterator;
  readonly #connections: Iterator;
  readonly #wanted: number;
  readonly #buffer = Buffer.alloc(BUFFER_BYTES);
  /** So many cookies can be looked for at once. */
  readonly most: number;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /**
   * Loads the program, which takes tens of milliseconds.
   * @param path of the object: SOCKET_OWNERS_OBJECT
   * @throws {KernelError} where the kernel does not take it, or lacks its own BTF
   */
  constructor(path: string) {
    this.#object = new BpfObject(path);
    try {
      this.#object.load([FIND, TELL_ALL]);
      const wanted = this.#object.map(WANTED_MAP);
      this.#wanted = wanted.fd;
      this.most = wanted.maxEntries;
      this.#iterator = new Iterator(this.#object.program(FIND));
      this.#connections = new Iterator(this.#object.program(TELL_ALL));
    } catch (error) {
      this.#object.close();
      throw error;
    }
  }

  /**
   * Finds the processes that have these sockets open, by one walk on another thread; walks come one after
   * the other. Without those that none has open: closed, or not accepted yet.
   * @param cookies at most `most`
   * @see ownerOf for sockets that several have open
   */
  async find(cookies: readonly bigint[]): Promise<ReadonlyMap<bigint, Process>> {
    const wanted = [...new Set(cookies)];
    if (wanted.length > this.most) throw new RangeError(`more than ${this.most} cookies`);
    if (wanted.length === 0) return new Map();
    return this.#inTurn(async () => {
      const keys = Buffer.from(BigUint64Array.from(wanted).buffer);
      putElements(this.#wanted, keys, Buffer.alloc(wanted.length), wanted.length);
      try {
        return await this.#owners();
      } finally {
        deleteElements(this.#wanted, keys, wanted.length);
      }
    });
  }

  /** All TCP sockets that processes have open and that are connected, or listen: by one walk, as find(). */
  connections(): Promise<OpenConnections> {
    return this.#inTurn(async () => {
      const found = new OpenConnections();
      const buffer = Buffer.allocUnsafe(CONNECTIONS_BYTES);
      await this.#connections.run(buffer, (bytes) => found.add(bytes));
      return found;
    });
  }

  /** Waits for the walk under way. May be called twice. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    this.#iterator.close();
    this.#connections.close();
    this.#object.close();
  }

  #inTurn<T>(walk: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Fault('the search for processes has ended');
    const result = this.#turn.then(walk);
    this.#turn = result.catch(() => {}); // for whoever asked for this one
    return result;
  }

  async #owners(): Promise<ReadonlyMap<bigint, SocketProcess>> {
    const owners = new Map<bigint, SocketProcess>();
    await this.#iterator.run(this.#buffer, (bytes) => {
      for (let at = 0; at < bytes.length; at += SOCKET_OWNER.size) {
        const process = readSocketProcess(bytes, at);
        const before = owners.get(process.cookie);
        owners.set(process.cookie, before ? ownerOf(before, process) : process);
      }
    });
    return owners;
  }
}
