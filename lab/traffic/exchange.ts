import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Endpoint } from './options.js';
import { encodeTerms, type Terms } from './protocol.js';

interface Pending {
  readonly sentAt: number;
  readonly resolve: (us: number) => void;
  readonly reject: (error: Error) => void;
}

/** The client's end of one connection. */
export class Exchange {
  readonly #socket: Socket;
  readonly #terms: Terms;
  readonly #request: Buffer;
  readonly #pending: Pending[] = [];
  #unsentHeader: Buffer | undefined;
  #received = 0;

  static async open({ address, port }: Endpoint, terms: Terms): Promise<Exchange> {
    const socket = connect({ host: address, port, noDelay: true });
    await once(socket, 'connect');
    return new Exchange(socket, terms);
  }

  private constructor(socket: Socket, terms: Terms) {
    this.#socket = socket;
    this.#terms = terms;
    this.#request = Buffer.alloc(terms.requestBytes);
    this.#unsentHeader = encodeTerms(terms);
    socket.on('data', (chunk) => this.#take(chunk.length));
    socket.on('error', (error) => this.#fail(error));
    socket.once('close', () => this.#fail(new Error('connection closed')));
  }

  get outstanding(): number {
    return this.#pending.length;
  }

  /** Sends a request; gives the microseconds until its reply was complete. */
  request(): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('connection closed'));
      this.#pending.push({ sentAt: performance.now(), resolve, reject });
      // In one write: the first request must not cost a packet more than the others.
      const header = this.#unsentHeader;
      this.#unsentHeader = undefined;
      this.#socket.write(header ? Buffer.concat([header, this.#request]) : this.#request);
    });
  }

  /** Ends the connection in good order. */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    this.#socket.end();
    await once(this.#socket, 'close');
  }

  abandon(): void {
    this.#socket.destroy();
  }

  #take(bytes: number): void {
    const { replyBytes } = this.#terms;
    for (this.#received += bytes; this.#received >= replyBytes; this.#received -= replyBytes) {
      const pending = this.#pending.shift();
      pending?.resolve((performance.now() - pending.sentAt) * 1_000);
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}
