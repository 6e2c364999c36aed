/** Who asks for metrics may be slow, odd or many: each gets an answer or is cut off, and nothing else is disturbed. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { listenOn } from '../../src/libbpf/listening-socket.js';
import { MetricsServer, type ServerParts } from '../../src/metrics/server.js';
import { parsePrefix } from '../../src/options/prefix.js';

const PAGE = `${'pping_x 1\n'.repeat(1_000)}`;

const servers: MetricsServer[] = [];
const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** @returns its port */
async function serve(parts: Partial<ServerParts> = {}): Promise<number> {
  const server = new MetricsServer({
    text: async () => PAGE,
    contentType: 'text/plain; version=0.0.4',
    isHealthy: () => true,
    isOver: () => false,
    ...parts,
  });
  servers.push(server);
  const { address } = parsePrefix('127.0.0.1');
  return server.listen(listenOn({ ipVersion: 4, address, port: 0 }, 'here'));
}

interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

async function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { body, ...rest } = options;
  const asked = request({ host: '127.0.0.1', port, path, agent: false, ...rest });
  asked.end(body);
  const [response] = await once(asked, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part as Buffer);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
}

/** Is made until it is finished. */
function slowPage() {
  let [made, asked] = [0, 0];
  let finish = () => {};
  const page = new Promise<string>((resolve) => {
    finish = () => resolve(PAGE);
  });
  const parts: Partial<ServerParts> = {
    text: () => {
      made++;
      return page;
    },
    isOver: () => {
      asked++;
      return false;
    },
  };
  return { made: () => made, asked: () => asked, finish: () => finish(), parts };
}

/** A connection that says what it is told to, and nothing else. */
async function dial(port: number, text = ''): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  await once(socket, 'connect');
  socket.on('error', () => {}); // 'close' follows
  if (text !== '') socket.write(text);
  return socket;
}

/** However it ends. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Again and again until the socket is closed. */
async function repeatUntilClosed(socket: Socket, ms: number, step: () => void): Promise<void> {
  const timer = setInterval(step, ms);
  await closed(socket);
  clearInterval(timer);
}

/** All that comes until the other side closes. */
async function heard(socket: Socket): Promise<string> {
  const parts: Buffer[] = [];
  socket.on('data', (part) => parts.push(part));
  await closed(socket);
  return Buffer.concat(parts).toString();
}

describe('a page', () => {
  test('of metrics', async () => {
    const { status, headers, body } = await ask(await serve(), '/metrics?x=1');
    expect([status, headers['content-type'], body.toString()]).toEqual([
      ...[200, 'text/plain; version=0.0.4', PAGE],
    ]);
    expect(headers['content-encoding']).toBeUndefined();
  });

  test.each(['http://127.0.0.1:9747', 'HTTP://metrics.example', 'https://[::1]:9747'])(
    'that is asked for in absolute form, as proxies do: %s',
    async (origin) => {
      const port = await serve();
      const answers = ['/metrics', '/healthz?x=http://y', '', '?x'].map((path) =>
        ask(port, `${origin}${path}`),
      );
      const told = (await Promise.all(answers)).map(({ status, headers, body }) => [
        ...[status, headers['content-type'], body.length],
      ]);
      const [metrics, health, ...index] = told;
      expect(metrics).toEqual([200, 'text/plain; version=0.0.4', PAGE.length]);
      expect(health).toEqual([200, 'text/plain; charset=utf-8', 'ok\n'.length]);
      expect(index.map(([status, type]) => [status, type])).toEqual(
        Array(2).fill([200, 'text/html; charset=utf-8']),
      );
      expect((await ask(port, `${origin}/metric`)).status).toBe(404);
    },
  );

  test.each([
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['GZIP', true],
    ['gzip;q=0', false],
    ['gzip; q=0.0', false],
    ['identity', false],
    ['xgzip', false],
  ])('compressed where that is accepted: %s', async (accepted, isCompressed) => {
    const port = await serve();
    const { headers, body } = await ask(port, '/metrics', {
      headers: { 'accept-encoding': accepted },
    });
    expect(headers['content-encoding']).toBe(isCompressed ? 'gzip' : undefined);
    expect((isCompressed ? gunzipSync(body) : body).toString()).toBe(PAGE);
    expect(headers.vary).toBe('Accept-Encoding');
  });

  test('HEAD has its headers alone', async () => {
    const { status, headers, body } = await ask(await serve(), '/metrics', { method: 'HEAD' });
    expect([status, headers['content-length'], body.length]).toEqual([200, '10000', 0]);
  });

  test('to begin with names the others', async () => {
    const { status, headers, body } = await ask(await serve(), '/');
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(body.toString()).toMatch(/href="\/metrics".*href="\/healthz"/s);
    expect(headers['content-security-policy']).toBe("default-src 'none'");
  });

  test.each(['/metric', '/metrics/', '//metrics', '/healthz/x', '*'])('%s: none', async (path) => {
    const { status, body } = await ask(await serve(), path);
    expect([status, body.toString()]).toEqual([404, 'not found; try /metrics or /healthz\n']);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('%s is refused', async (method) => {
    const headersOfOne = { 'content-length': '1' };
    const asked = { method, body: 'x', headers: headersOfOne };
    const { status, headers } = await ask(await serve(), '/metrics', asked);
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(headers.connection).toBe('close');
  });

  test('that cannot be made says why, and the next one is made again', async () => {
    let fails = true;
    const text = async () => {
      if (fails) throw new Error('no map');
      return PAGE;
    };
    const port = await serve({ text });
    const { status, body } = await ask(port, '/metrics');
    expect([status, body.toString()]).toEqual([500, 'no metrics: no map\n']);
    fails = false;
    expect(await ask(port, '/metrics')).toMatchObject({ status: 200 });
  });

  test('is made once for all who ask meanwhile', async () => {
    const { made, finish, parts, asked } = slowPage();
    const port = await serve(parts);
    const answers = [ask(port, '/metrics'), ask(port, '/metrics')];
    await until(() => asked() === 2, 'both to have asked');
    finish();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200]);
    expect(made()).toBe(1);
  });
});

describe('health', () => {
  test('is that of the run', async () => {
    let isHealthy = true;
    const port = await serve({ isHealthy: () => isHealthy });
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200, body: Buffer.from('ok\n') });
    isHealthy = false;
    const text = 'events are not being read\n';
    expect(await ask(port, '/healthz')).toMatchObject({ status: 503, body: Buffer.from(text) });
  });

  test('once the run is over nothing of it is read any more', async () => {
    const text = () => Promise.reject(new Error('read all the same'));
    const port = await serve({ isOver: () => true, text });
    expect(await ask(port, '/metrics')).toMatchObject({ status: 503 });
  });
});

describe('those who ask', () => {
  test('are eight at most: a ninth is cut off', async () => {
    const port = await serve();
    const eight = await Promise.all(Array.from({ length: 8 }, () => dial(port)));
    const ninth = await dial(port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await heard(ninth)).toBe('');
    eight[0]?.destroy();
    for (;;) {
      const next = await dial(
        port,
        'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      );
      if ((await heard(next)).startsWith('HTTP/1.1 200 OK')) break;
    }
  });

  test('and say nothing are cut off', async () => {
    const silent = await dial(await serve({ patience: { requestMs: 200 } }));
    expect(await heard(silent)).toMatch(/^(|HTTP\/1.1 408 .*)/);
  });

  test('and do not come to an end of their headers are cut off', async () => {
    const slow = await dial(
      await serve({ patience: { requestMs: 200 } }),
      'GET /metrics HTTP/1.1\r\nX: ',
    );
    const said = heard(slow);
    await repeatUntilClosed(slow, 100, () => slow.write('x'));
    expect(await said).toMatch(/^HTTP\/1.1 408 /);
  });

  test('and have headers without end are refused', async () => {
    const port = await serve();
    const long = await dial(port, `GET /metrics HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`);
    expect(await heard(long)).toMatch(/^HTTP\/1.1 431 /);
  });

  test('and speak something else are refused', async () => {
    const odd = await dial(await serve(), '\u0016\u0003\u0001\u0002\r\n\r\n');
    expect(await heard(odd)).toMatch(/^HTTP\/1.1 400 /);
  });

  test('and leave before they are answered disturb nobody', async () => {
    const { finish, parts, asked } = slowPage();
    const port = await serve(parts);
    const hasty = await dial(port, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => asked() === 1, 'the first to have asked');
    hasty.resetAndDestroy();
    const patient = ask(port, '/metrics');
    await until(() => asked() === 2, 'the second to have asked');
    finish();
    expect(await patient).toMatchObject({ status: 200, body: Buffer.from(PAGE) });
  });

  test('and do not read what they have asked for are cut off, and others are answered meanwhile', async () => {
    // More than all buffers on the way take.
    const text = async () => 'x'.repeat(32 * 1024 * 1024);
    const port = await serve({ text, patience: { responseMs: 500 } });
    const begun = performance.now();
    const slow = await dial(port, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(await ask(port, '/healthz')).toMatchObject({ status: 200 });
    let received = 0;
    // Slowly, so that it is not the lack of any progress that ends it.
    await repeatUntilClosed(slow, 20, () => {
      received += slow.read(1_000)?.length ?? 0;
    });
    expect(performance.now() - begun).toBeGreaterThan(400);
    expect(received).toBeLessThan(1024 * 1024);
  });
});

test('closed, it answers nobody, and holds nobody', async () => {
  const port = await serve();
  const waiting = await dial(port);
  servers.pop()?.close();
  await heard(waiting);
  await expect(dial(port)).rejects.toThrow('ECONNREFUSED');
});
