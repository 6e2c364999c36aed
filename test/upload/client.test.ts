/** One request: what is sent, what comes of the answer, and who is believed. */
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UsageError } from '../../src/faults.js';
import { HttpClient } from '../../src/upload/client.js';
import { uploadFault } from '../../src/upload/fault-text.js';
import type { Header } from '../../src/upload/headers.js';
import type { Failure, Outcome } from '../../src/upload/outcome.js';
import { systemTrust, trustIn } from '../../src/upload/trust.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { makeCertificate } from '../helpers/upload/certificates.js';
import { Collector } from '../helpers/upload/collector.js';

const inFolder = useTemporaryFolder();
const BODY = gzipSync('{}\n');
const NEVER = new AbortController().signal;
const clients: HttpClient[] = [];
let server: Collector;

beforeEach(async () => {
  server = await Collector.start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.stop();
});

function clientTo(
  address: string,
  headers: readonly Header[] = [],
  trust = systemTrust(),
  answerMs = 60_000,
) {
  const url = new URL(address);
  const client = new HttpClient(
    { url, headers, trust: url.protocol === 'https:' ? trust : undefined },
    answerMs,
  );
  clients.push(client);
  return client;
}

const words = (outcome: Outcome, address = server.url) =>
  uploadFault(new URL(address), outcome as Failure);

test('connections are kept, and one that was closed meanwhile is no failure', async () => {
  const client = clientTo(server.url);
  const ports = new Set<number | undefined>();
  for (let round = 0; round < 3; round++) {
    expect(await client.post(BODY, NEVER)).toEqual({ kind: 'accepted' });
    ports.add(server.requests.at(-1)?.socket.remotePort);
  }
  expect(ports.size).toBe(1);
  await server.stop();
  await server.listen();
  expect(await client.post(BODY, NEVER)).toEqual({ kind: 'accepted' });
});

test('headers of the user are sent, and may replace some of ours', async () => {
  const headers = [
    ['authorization', 'Bearer s3cret-token'],
    ['content-type', 'text/plain'],
  ] as const;
  await clientTo(server.url, headers).post(BODY, NEVER);
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer s3cret-token',
    'content-type': 'text/plain',
    'content-encoding': 'gzip',
  });
});

test('values are sent as UTF-8, and found in an answer', async () => {
  server.always = { status: 401, body: 'wrong: pässwörd€' };
  const headers = [['x-key', 'pässwörd€']] as const;
  const outcome = await clientTo(server.url, headers).post(BODY, NEVER);
  const sent = Buffer.from(`${server.requests[0]?.headers['x-key']}`, 'latin1').toString('utf8');
  expect(sent).toBe('pässwörd€');
  expect(outcome).toMatchObject({ line: 'wrong: ***' });
});

test('two of one name are both sent, in their order', async () => {
  const headers = [
    ['x-scope', 'one'],
    ['x-tenant', 'all'],
    ['x-scope', 'two'],
  ] as const;
  await clientTo(server.url, headers).post(BODY, NEVER);
  const { headersDistinct } = server.requests[0] ?? {};
  expect(headersDistinct).toMatchObject({ 'x-scope': ['one', 'two'], 'x-tenant': ['all'] });
});

test('an answer that repeats a secret is shown without it', async () => {
  server.always = { status: 401, body: 'no such token: s3cret-token, Bearer s3cret-token' };
  const headers = [['authorization', 'Bearer s3cret-token']] as const;
  expect(await clientTo(server.url, headers).post(BODY, NEVER)).toMatchObject({
    line: 'no such token: ***, ***',
  });
});

test('a long answer is cut, and its controls are shown as such', async () => {
  server.always = { status: 400, body: `\u001b[31m${'x'.repeat(100_000)}` };
  const outcome = await clientTo(server.url).post(BODY, NEVER);
  expect(words(outcome)).toMatch(/: answered 400: \\u001b\[31mx{195}\.\.\.$/);
});

test('redirects are not followed', async () => {
  server.always = { status: 307, headers: { Location: server.url } };
  expect(words(await clientTo(server.url).post(BODY, NEVER))).toMatch(
    /: answered 307; redirects are not followed$/,
  );
  expect(server.attempts).toBe(1);
});

test('what cannot be reached is said, without the query', async () => {
  await server.stop();
  const outcome = await clientTo(server.url).post(BODY, NEVER);
  const { origin } = new URL(server.url);
  expect(words(outcome)).toBe(`${origin}/insert: connection refused`);
  const none = 'http://none.invalid/';
  expect(words(await clientTo(none).post(BODY, NEVER), none)).toMatch(
    /^http:\/\/none\.invalid\/: (no such host|temporary failure looking up the host)$/,
  );
});

test.each(['stall', 'stall in the answer'] as const)(
  'a server that takes too long, %s, is said to',
  async (turn) => {
    server.always = turn;
    const client = clientTo(server.url, [], undefined, 200);
    expect(words(await client.post(BODY, NEVER))).toMatch(/: no answer within 0\.2 s$/);
  },
);

test('a server without TLS is said to have failed in its handshake', async () => {
  const address = server.url.replace('http:', 'https:');
  expect(words(await clientTo(address).post(BODY, NEVER), address)).toMatch(
    /: TLS handshake failed \([a-z ]+\)$/,
  );
});

test('a signal ends the attempt', async () => {
  server.always = 'stall';
  const over = new AbortController();
  const outcome = clientTo(server.url).post(BODY, over.signal);
  over.abort();
  expect(await outcome).toMatchObject({ kind: 'retry' });
});

describe('TLS', () => {
  let secure: Collector;
  let authority: string;

  beforeEach(async () => {
    const certificate = makeCertificate(inFolder('.'), 'localhost');
    authority = inFolder('authority.pem');
    secure = await Collector.start(certificate);
  });

  afterEach(async () => {
    delete process.env.SSL_CERT_FILE;
    await secure.stop();
  });

  test('whose certificate the given authority has signed is believed', async () => {
    const trust = trustIn(readFileSync(authority, 'utf8'), authority);
    const client = clientTo(secure.url, [], trust);
    expect(await client.post(BODY, NEVER)).toEqual({ kind: 'accepted' });
    expect(await client.post(BODY, NEVER)).toEqual({ kind: 'accepted' });
    expect(secure.lines).toEqual(['{}', '{}']);
  });

  test('that the system does not know is not believed, unless SSL_CERT_FILE names it', async () => {
    const outcome = await clientTo(secure.url).post(BODY, NEVER);
    expect(words(outcome, secure.url)).toMatch(/: self-signed certificate|: unable to/);
    expect(secure.attempts).toBe(0);
    process.env.SSL_CERT_FILE = authority;
    expect(await clientTo(secure.url).post(BODY, NEVER)).toEqual({ kind: 'accepted' });
  });

  test('of another host is not believed', async () => {
    const trust = trustIn(readFileSync(authority, 'utf8'), authority);
    const other = secure.url.replace('localhost', '127.0.0.1');
    expect(words(await clientTo(other, [], trust).post(BODY, NEVER), other)).toMatch(
      /certificate's altnames/,
    );
  });

  test.each([
    '',
    'no certificate',
    '-----BEGIN CERTIFICATE-----\nbad\n-----END CERTIFICATE-----\n',
  ])('a file without a certificate is refused: %j', (text) => {
    expect(() => trustIn(text, 'ca.pem')).toThrow(
      new UsageError('ca.pem: no PEM certificates in it'),
    );
  });
});
