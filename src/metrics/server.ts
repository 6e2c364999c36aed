/** Answers those who ask for metrics: few at a time, each for a bounded time, and never in the way of the run. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { messageOf } from '../faults.js';

const MOST_CONNECTIONS = 8;
const MOST_HEADER_BYTES = 8_192;
/** Between two requests: longer than the time between two scrapes mostly is. */
const IDLE_MS = 65_000;
const CHECK_MS = 1_000;

const METHODS = ['GET', 'HEAD'];
const COMPRESSION = { level: constants.Z_BEST_SPEED };
const TEXT = 'text/plain; charset=utf-8';

export interface ServerParts {
  /** All metrics. */
  readonly text: () => Promise<string>;
  readonly contentType: string;
  /** Whether the run reads what it measures. */
  readonly isHealthy: () => boolean;
  /** Whether it can still be asked for metrics. */
  readonly isOver: () => boolean;
  /** Others than usual; for tests. */
  readonly patience?: Partial<Patience>;
}

interface Patience {
  /** From the beginning of a connection, or of a request, to the end of the request. */
  readonly requestMs: number;
  /** To the end of the response, at its reader's pace. */
  readonly responseMs: number;
}

const PATIENCE: Patience = { requestMs: 5_000, responseMs: 10_000 };

interface Body {
  readonly status: number;
  readonly type: string;
  readonly bytes: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export class MetricsServer {
  readonly #parts: ServerParts;
  readonly #patience: Patience;
  readonly #server: Server;
  /** Being made: whoever asks meanwhile gets the same. */
  #page: Promise<Buffer> | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.#patience = { ...PATIENCE, ...parts.patience };
    const { requestMs } = this.#patience;
    const limits = {
      maxHeaderSize: MOST_HEADER_BYTES,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: IDLE_MS,
      connectionsCheckingInterval: CHECK_MS,
    };
    this.#server = createServer(limits, (request, response) => {
      void this.#answer(request, response);
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
    // Of a connection that cannot be accepted, as where no file may be opened any more: whoever asks sees it.
    this.#server.on('error', () => {});
  }

  /**
   * Resolves once it answers.
   * @param fd of a socket that listens, which is the server's from now on
   * @returns its port
   */
  async listen(fd: number): Promise<number> {
    await once(this.#server.listen({ fd }), 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections, and answers nobody any more. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Otherwise the kernel would keep what was not read.
    const late = setTimeout(() => request.socket.resetAndDestroy(), this.#patience.responseMs);
    response.once('close', () => clearTimeout(late));
    send(request, response, await this.#bodyOf(request).catch(failure));
  }

  async #bodyOf({ method = '', url = '', headers }: IncomingMessage): Promise<Body> {
    if (!METHODS.includes(method)) {
      return {
        ...textBody(405, 'only GET and HEAD are supported'),
        headers: { Allow: METHODS.join(', ') },
      };
    }
    const path = pathIn(url);
    if (path === '/metrics') return this.#metrics(acceptsGzip(headers));
    if (path === '/healthz') {
      return this.#parts.isHealthy()
        ? textBody(200, 'ok')
        : textBody(503, 'events are not being read');
    }
    if (path === '/') return { status: 200, type: 'text/html; charset=utf-8', bytes: INDEX };
    return textBody(404, 'not found; try /metrics or /healthz');
  }

  async #metrics(isCompressed: boolean): Promise<Body> {
    if (this.#parts.isOver()) return textBody(503, 'the run is over');
    this.#page ??= this.#make();
    const plain = await this.#page;
    const type = this.#parts.contentType;
    const vary = { Vary: 'Accept-Encoding' };
    if (!isCompressed) return { status: 200, type, bytes: plain, headers: vary };
    const bytes = await promisify(gzip)(plain, COMPRESSION);
    return { status: 200, type, bytes, headers: { ...vary, 'Content-Encoding': 'gzip' } };
  }

  async #make(): Promise<Buffer> {
    try {
      return Buffer.from(await this.#parts.text());
    } finally {
      this.#page = undefined;
    }
  }
}

const INDEX = Buffer.from(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>pping</title></head>
<body>
<h1>pping</h1>
<p>Round-trip times, measured passively.</p>
<ul>
<li><a href="/metrics">/metrics</a>: for Prometheus</li>
<li><a href="/healthz">/healthz</a>: whether pping is reading its events</li>
</ul>
</body>
</html>
`);

/** Without the query. A server has to take absolute URLs, too, as a proxy is asked for (RFC 9112, 3.2.2). */
function pathIn(url: string): string {
  const [path] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?');
  return path || '/';
}

/** A mistake of pping's: the scraper shows it, and the run goes on. */
function failure(error: unknown): Body {
  return textBody(500, `no metrics: ${messageOf(error)}`);
}

function textBody(status: number, text: string): Body {
  return { status, type: TEXT, bytes: Buffer.from(`${text}\n`) };
}

/** As in `gzip;q=0.8, identity`; a weight of 0 refuses it. */
function acceptsGzip({ 'accept-encoding': accepted = '' }: IncomingHttpHeaders): boolean {
  const isGzip = /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$)[\d.]+\s*)?$/i;
  return String(accepted)
    .split(',')
    .some((coding) => isGzip.test(coding));
}

/** What a request brings along is not read. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function send(request: IncomingMessage, response: ServerResponse, body: Body): void {
  const { status, type, bytes, headers = {} } = body;
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': bytes.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'",
    ...(hasBody(request) ? { Connection: 'close' } : {}),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}
