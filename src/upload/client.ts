/** Posts batches to a server: one at a time, so that they arrive in order. */
import http from 'node:http';
import https from 'node:https';
import type { SecureContext } from 'node:tls';
import { asSent, type Header } from './headers.js';
import { type Outcome, outcomeOf } from './outcome.js';

/** Enough for the first line, and not too much to be read to its end, so that the connection is used again. */
const LONGEST_ANSWER = 64 << 10;
const LONGEST_LINE = 200;
/** Shorter words of a header are not secret, and may be in any text. */
const SHORTEST_SECRET = 6;

export interface Server {
  readonly url: URL;
  /** Sent with each request; secret. */
  readonly headers: readonly Header[];
  /** Whose certificates are believed; undefined where there is no TLS. */
  readonly trust: SecureContext | undefined;
}

export class HttpClient {
  readonly #server: Server;
  readonly #answerMs: number;
  readonly #agent: http.Agent;

  /** @param answerMs milliseconds in which the whole answer has to come */
  constructor(server: Server, answerMs: number) {
    this.#server = server;
    this.#answerMs = answerMs;
    const options = { keepAlive: true, maxSockets: 1 };
    // One context for all connections: it takes long to read the certificates of a system.
    const { trust } = server;
    this.#agent = trust
      ? new https.Agent({ ...options, secureContext: trust } as https.AgentOptions)
      : new http.Agent(options);
  }

  /** @param body NDJSON, compressed by gzip. Never rejects: what goes wrong is an outcome. */
  async post(body: Buffer, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#attempt(body, signal);
    } catch (error) {
      return { kind: 'retry', reason: error as Error };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  async #attempt(body: Buffer, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#request(body, signal);
    } catch (error) {
      // The server had closed the connection that was kept: that is no failure of its.
      if (!(error instanceof StaleConnection) || signal.aborted) throw error;
      return this.#request(body, signal);
    }
  }

  #request(body: Buffer, signal: AbortSignal): Promise<Outcome> {
    const { url } = this.#server;
    const send = url.protocol === 'https:' ? https.request : http.request;
    return new Promise((resolve, reject) => {
      const headers = this.#headersFor(body);
      const request = send(url, { method: 'POST', agent: this.#agent, headers, signal });
      let late: Error | undefined;
      const timer = setTimeout(() => {
        late = new Error(`no answer within ${this.#answerMs / 1000} s`);
        request.destroy(late);
      }, this.#answerMs);
      request.once('close', () => clearTimeout(timer));
      request.on('response', (response) => {
        // Of an answer that is cut off, Node says that the server has done so, whoever it was.
        const outcome = this.#read(response).catch((error) => Promise.reject(late ?? error));
        resolve(outcome);
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = request.reusedSocket && error.code === 'ECONNRESET';
        reject(isStale ? new StaleConnection(error.message, { cause: error }) : error);
      });
      request.end(body);
    });
  }

  #headersFor(body: Buffer): http.OutgoingHttpHeaders {
    const own = {
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'content-length': body.length,
      'user-agent': 'pping',
    };
    return { ...own, ...byName(this.#server.headers) };
  }

  async #read(response: http.IncomingMessage): Promise<Outcome> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of response) {
      parts.push(part);
      bytes += part.length;
      if (bytes > LONGEST_ANSWER) break; // which closes the connection
    }
    const { statusCode = 0, headers } = response;
    const line = this.#withoutSecrets(firstLine(Buffer.concat(parts)));
    return outcomeOf(statusCode, line, headers['retry-after'], Date.now());
  }

  /** A server may say what it was sent. */
  #withoutSecrets(line: string): string {
    const words = this.#server.headers.flatMap(([, value]) => [value, ...value.split(/\s+/)]);
    const secrets = words.filter(({ length }) => length >= SHORTEST_SECRET);
    return secrets.reduce((text, secret) => text.replaceAll(secret, '***'), line);
  }
}

/** Of one name there may be several, each of which is sent. */
function byName(headers: readonly Header[]): Record<string, string | string[]> {
  const names = new Set(headers.map(([name]) => name));
  const entries = Array.from(names, (name) => {
    const values = headers.filter((each) => each[0] === name).map(([, value]) => asSent(value));
    return [name, values.length === 1 ? (values[0] as string) : values] as const;
  });
  return Object.fromEntries(entries);
}

class StaleConnection extends Error {}

function firstLine(answer: Buffer): string {
  const [line = ''] = answer.toString('utf8').trim().split(/\r?\n/);
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}...` : line;
}
