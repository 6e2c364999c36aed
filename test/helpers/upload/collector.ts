/** A server that takes batches of NDJSON, and fails as it is told to. */
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What the server does with one request. */
export type Turn =
  | 'take'
  /** Reads it and never answers. */
  | 'stall'
  /** Reads it and begins an answer that never ends. */
  | 'stall in the answer'
  /** Ends the connection before it has read all. */
  | 'reset'
  /** Takes it, and ends the connection without an answer. */
  | 'take and reset'
  | Answer;

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export class Collector {
  /** Of batches that were taken, in the order in which they came. */
  readonly lines: string[] = [];
  /** One for each batch that was taken. */
  readonly batches: string[][] = [];
  /** Of each request that came. */
  readonly requests: http.IncomingMessage[] = [];
  /** How the next requests are answered; all others are taken. */
  turns: Turn[] = [];
  /** Instead, where it is set. */
  always: Turn | undefined;
  readonly #certificate: Certificate | undefined;
  readonly #sockets = new Set<Socket>();
  #server: http.Server | undefined;
  #port = 0;

  /** @param certificate for TLS */
  static async start(certificate?: Certificate): Promise<Collector> {
    const collector = new Collector(certificate);
    await collector.listen();
    return collector;
  }

  private constructor(certificate: Certificate | undefined) {
    this.#certificate = certificate;
  }

  get url(): string {
    return `${this.#certificate ? 'https' : 'http'}://localhost:${this.#port}/insert?query=secret`;
  }

  /** How many requests have come. */
  get attempts(): number {
    return this.requests.length;
  }

  /** On the same port as before. */
  async listen(): Promise<void> {
    const answer = (request: http.IncomingMessage, response: http.ServerResponse) =>
      void this.#answer(request, response).catch(() => {}); // the client has gone
    const server = this.#certificate
      ? https.createServer({ ...this.#certificate }, answer)
      : http.createServer(answer);
    // Connections are kept: a machine that stalls may take longer than the usual five seconds.
    server.keepAliveTimeout = 0;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server = server.listen(this.#port, 'localhost');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  /** Ends all connections, and refuses others. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    this.requests.push(request);
    const turn = this.always ?? this.turns.shift() ?? 'take';
    if (turn === 'reset') return void request.socket.resetAndDestroy();
    const body = Buffer.concat(await request.toArray());
    if (turn === 'stall') return;
    if (turn === 'stall in the answer') return void response.write('begun');
    if (turn === 'take' || turn === 'take and reset') this.#take(body);
    if (turn === 'take and reset') return void request.socket.resetAndDestroy();
    const { status, headers, body: text } = turn === 'take' ? { status: 200 } : { ...turn };
    response.writeHead(status, headers).end(text);
  }

  #take(body: Buffer): void {
    const text = gunzipSync(body).toString();
    if (!text.endsWith('\n')) throw new Error('a line is torn');
    const lines = text.slice(0, -1).split('\n');
    this.batches.push(lines);
    this.lines.push(...lines);
  }
}
