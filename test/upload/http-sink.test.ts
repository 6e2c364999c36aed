/** Lines to a server that does not always take them: each arrives once, or is counted. */
import { readdirSync, rmSync, symlinkSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { until } from '../../lab/until.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';
import { Collector, type Turn } from '../helpers/upload/collector.js';
import {
  line,
  linesFrom,
  once,
  sinkTo,
  spoolIn,
  UploadLog,
  writeLines,
} from '../helpers/upload/sinks.js';

/** Some lines make a batch. */
const SMALL = { batchBytes: 100 };

const inFolder = useTemporaryFolder();
let server: Collector;
let log: UploadLog;

beforeEach(async () => {
  server = await Collector.start();
  log = new UploadLog();
});

afterEach(() => server.stop());

describe('a server that takes all', () => {
  test('gets every line once, in order, compressed, as NDJSON', async () => {
    const sink = sinkTo(server.url, { log, limits: SMALL });
    writeLines(sink, 0, 1_000);
    await sink.close();
    expect(server.lines).toEqual(linesFrom(0, 1_000));
    expect(server.batches.length).toBeGreaterThan(100);
    expect({ ...server.requests[0]?.headers, method: server.requests[0]?.method }).toMatchObject({
      method: 'POST',
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'user-agent': 'pping',
    });
    expect(server.requests[0]?.url).toBe('/insert?query=secret');
    expect({ dropped: sink.dropped, unwritten: sink.unwritten, failure: sink.failure }).toEqual({
      dropped: 0,
      unwritten: 0,
      failure: undefined,
    });
    expect(log).toEqual(new UploadLog());
  });

  test('gets what is not enough for a batch once it is old enough', async () => {
    const sink = sinkTo(server.url, { log, limits: { batchAge: 1 } });
    writeLines(sink, 0, 1);
    await until(() => server.lines.length === 1, 'the line');
    writeLines(sink, 1, 2);
    await until(() => server.lines.length === 2, 'the next one');
    await sink.close();
  });

  test('gets nothing more once it is closed: that is counted', async () => {
    const sink = sinkTo(server.url);
    writeLines(sink, 0, 1);
    const closed = sink.close();
    writeLines(sink, 1, 3);
    await closed;
    expect(server.lines).toEqual([line(0)]);
    expect({ dropped: sink.dropped, unwritten: sink.unwritten }).toEqual({
      dropped: 2,
      unwritten: 2,
    });
  });

  test('gets nothing where there is nothing', async () => {
    await sinkTo(server.url).close();
    expect(server.attempts).toBe(0);
  });

  test('says when bytes may be used again', async () => {
    const sink = sinkTo(server.url);
    const bytes = Buffer.from(`${line(0)}\n`);
    const isTaken = new Promise<void>((resolve) => sink.write(bytes, 1, resolve));
    const closed = sink.close();
    await isTaken;
    bytes.fill(0);
    await closed;
    expect(server.lines).toEqual([line(0)]);
  });
});

describe('a server that fails', () => {
  // A connection that was kept may have been closed long ago: only the next one tells that the server fails.
  test.each<[string, Turn, { recoveries: number; copies: boolean }]>([
    ['503', { status: 503 }, { recoveries: 2, copies: false }],
    ['500', { status: 500 }, { recoveries: 2, copies: false }],
    ['429', { status: 429 }, { recoveries: 2, copies: false }],
    ['408', { status: 408 }, { recoveries: 2, copies: false }],
    ['resets the connection', 'reset', { recoveries: 1, copies: false }],
    ['takes a batch and resets the connection', 'take and reset', { recoveries: 1, copies: true }],
  ])('%s: is tried again, and gets every line in order', async (_, turn, expected) => {
    server.turns = ['take', turn, 'take', turn, turn, 'take'];
    const sink = sinkTo(server.url, { log, limits: SMALL });
    writeLines(sink, 0, 100);
    await sink.close();
    expect(once(server.lines)).toEqual(linesFrom(0, 100));
    const copies = server.lines.length > 100;
    expect({ recoveries: log.recoveries, copies }).toEqual(expected);
    expect(sink.dropped).toBe(0);
    expect(sink.failure).toBeUndefined();
  });

  test('takes long to answer: is tried again, and gets every line in order', async () => {
    server.turns = ['take', 'stall', 'take', 'stall', 'stall', 'take'];
    const sink = sinkTo(server.url, { log, limits: { ...SMALL, answer: 250 } });
    writeLines(sink, 0, 100);
    await sink.close();
    // A busy machine may take as long itself.
    expect(once(server.lines)).toEqual(linesFrom(0, 100));
    expect(log.retries[0]).toMatchObject({ reason: new Error('no answer within 0.25 s') });
    expect(sink.dropped).toBe(0);
  });

  test('does not answer until the end of the run: that is why lines are missing', async () => {
    server.always = 'stall';
    const sink = sinkTo(server.url, { log, limits: { end: 100 } });
    writeLines(sink, 0, 7);
    await sink.close();
    expect({ dropped: sink.dropped, retries: log.retries }).toEqual({ dropped: 7, retries: [] });
    expect(sink.failure).toMatch(/: the last lines were not accepted within 0\.1 s$/);
  });

  test('is restarted twice: every line arrives, in order', async () => {
    const sink = sinkTo(server.url, { log, limits: { ...SMALL } });
    for (const round of [0, 1, 2]) {
      writeLines(sink, 1_000 * round, 1_000 * round + 500);
      await until(() => server.lines.length > 1_000 * round, 'the server to take some');
      if (round === 2) break;
      await server.stop();
      writeLines(sink, 1_000 * round + 500, 1_000 * (round + 1));
      const failed = log.retries.length;
      await until(() => log.retries.length > failed + 2, 'it to be tried again');
      await server.listen();
    }
    writeLines(sink, 2_500, 3_000);
    await sink.close();
    expect(once(server.lines)).toEqual(linesFrom(0, 3_000));
    expect(sink.dropped).toBe(0);
  });

  test('and asks to wait: it is not tried before', async () => {
    server.turns = [{ status: 429, headers: { 'Retry-After': '1' } }];
    const sink = sinkTo(server.url, { log });
    writeLines(sink, 0, 1);
    const began = performance.now();
    await sink.close();
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(server.lines).toEqual([line(0)]);
  });

  test('and asks to wait for longer than the end of the run does: what is left is counted', async () => {
    server.turns = [{ status: 503, headers: { 'Retry-After': '3600' } }];
    const sink = sinkTo(server.url, { log, limits: { batchAge: 1, end: 50 } });
    writeLines(sink, 0, 7);
    await until(() => log.retries.length > 0, 'the answer');
    await sink.close();
    expect(server.attempts).toBe(1);
    expect(sink.dropped).toBe(7);
    expect(sink.failure).toBe(`${new URL('/insert', server.url)}: answered 503`);
  });

  test.each([301, 400, 401, 404, 413])(
    'for good, by %d: the batch is dropped, counted and told; others are sent',
    async (status) => {
      server.turns = ['take', { status, body: 'what\nis wrong', headers: { Location: '/other' } }];
      const sink = sinkTo(server.url, { log, limits: SMALL });
      writeLines(sink, 0, 100);
      await sink.close();
      const lines = log.rejections[0]?.lines ?? 0;
      expect(log.rejections).toEqual([
        { rejection: { kind: 'rejected', status, line: 'what' }, lines },
      ]);
      expect(lines).toBeGreaterThan(0);
      expect(server.lines).toHaveLength(100 - lines);
      expect(sink.dropped).toBe(lines);
      expect(sink.failure).toMatch(new RegExp(`: answered ${status}.*: what$`));
    },
  );
});

describe('a server that refuses whatever it is sent', () => {
  test.each([302, 401, 403, 404, 405])(
    'by %d: what is in the spool stays until it takes it',
    async (status) => {
      server.always = { status, body: 'no such token' };
      const spool = () => spoolIn(inFolder('spool'));
      const sink = sinkTo(server.url, { log, limits: SMALL, spool: await spool() });
      writeLines(sink, 0, 100);
      await until(() => log.retries.length > 0, 'an attempt');
      await sink.close();
      expect(log.retries[0]).toMatchObject({ reason: status, line: 'no such token' });
      expect({ dropped: sink.dropped, kept: log.kept }).toEqual({ dropped: 0, kept: 100 });

      server.always = undefined;
      await sinkTo(server.url, { spool: await spool() }).close();
      expect(server.lines).toEqual(linesFrom(0, 100));
    },
  );

  test.each([400, 413, 415, 422])(
    'a batch by %d: it is dropped though there is a spool, and others are sent',
    async (status) => {
      server.turns = [{ status }];
      const spool = await spoolIn(inFolder('spool'));
      const sink = sinkTo(server.url, { log, limits: SMALL, spool });
      writeLines(sink, 0, 100);
      await sink.close();
      expect(sink.dropped).toBe(log.rejections[0]?.lines);
      expect(server.lines).toHaveLength(100 - sink.dropped);
    },
  );
});

test('a server that fails, drops a batch and then takes others has recovered', async () => {
  server.turns = [{ status: 503 }, { status: 413 }];
  const sink = sinkTo(server.url, { log, limits: SMALL });
  writeLines(sink, 0, 100);
  await sink.close();
  expect({ retries: log.retries.length, rejections: log.rejections.length }).toEqual({
    retries: 1,
    rejections: 1,
  });
  expect(log.recoveries).toBe(1);
});

describe('a server that has gone', () => {
  beforeEach(() => server.stop());

  test('memory is bounded: what does not fit is dropped and counted', async () => {
    const limits = { ...SMALL, buffered: 10_000, end: 1 };
    const sink = sinkTo(server.url, { log, limits });
    // In one turn, nothing is compressed meanwhile.
    writeLines(sink, 0, 1_000);
    const dropped = sink.dropped;
    const fitted = Math.floor(10_000 / (line(100).length + 1));
    expect(Math.abs(1_000 - dropped - fitted)).toBeLessThan(20);
    expect(sink.unwritten).toBe(1_000);
    await until(() => log.retries.length > 0, 'an attempt');
    await sink.close();
    expect(sink.dropped).toBe(1_000);
    expect(sink.failure).toMatch(/^http:\/\/localhost:\d+\/insert: connection refused$/);
  });

  test('who can wait does, as long as there is no room', async () => {
    const limits = { ...SMALL, buffered: 4_000 };
    const sink = sinkTo(server.url, { log, limits });
    const { signal } = new AbortController();
    expect(sink.room(signal)).toBeUndefined();
    writeLines(sink, 0, 100);
    const room = sink.room(signal);
    expect(room).toBeInstanceOf(Promise);
    await server.listen();
    await room;
    expect(sink.room(signal)).toBeUndefined();
    await sink.close();
    expect(server.lines).toEqual(linesFrom(0, 100));
  });

  test('who waits is told after a while that it is stuck, and a signal ends the wait', async () => {
    const limits = { batchBytes: 1, buffered: 400, patience: 1, end: 1 };
    const sink = sinkTo(server.url, { log, limits, isPatient: true });
    writeLines(sink, 0, 5);
    const over = new AbortController();
    const room = sink.room(over.signal);
    await until(() => log.stuck > 0, 'it to be told');
    over.abort();
    await room;
    await sink.close();
    expect(sink.dropped).toBe(5);
  });

  test('who waits is told so though the server has asked for a longer wait', async () => {
    await server.listen();
    server.always = { status: 503, headers: { 'Retry-After': '3600' } };
    const limits = { batchBytes: 1, buffered: 400, patience: 50, end: 1 };
    const sink = sinkTo(server.url, { log, limits, isPatient: true });
    writeLines(sink, 0, 5);
    await until(() => log.stuck > 0, 'it to be told');
    await sink.close();
    expect({ attempts: server.attempts, stuck: log.stuck }).toEqual({ attempts: 1, stuck: 1 });
    expect(sink.dropped).toBe(5);
  });

  test('the spool keeps all, and the next run sends it first', async () => {
    const sink = sinkTo(server.url, {
      log,
      limits: SMALL,
      spool: await spoolIn(inFolder('spool')),
    });
    writeLines(sink, 0, 500);
    await until(() => log.retries.length > 2, 'it to be tried again');
    writeLines(sink, 500, 1_000);
    await sink.close();
    expect({ dropped: sink.dropped, kept: log.kept }).toEqual({ dropped: 0, kept: 1_000 });
    expect(sink.failure).toBeUndefined();

    await server.listen();
    const next = sinkTo(server.url, { limits: SMALL, spool: await spoolIn(inFolder('spool')) });
    writeLines(next, 1_000, 1_500);
    await next.close();
    expect(server.lines).toEqual(linesFrom(0, 1_500));
    expect(readdirSync(inFolder('spool'))).toEqual([]);
  });

  test('a sink that nothing was written to sends nothing yet, and lets the process end', async () => {
    await server.listen();
    const spool = await spoolIn(inFolder('spool'));
    await spool.add({ body: gzipSync(`${line(0)}\n`), lines: 1 });
    const sink = sinkTo(server.url, { log, spool });
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.attempts).toBe(0);
    await Promise.all([sink.close(), sink.close()]);
    expect(server.lines).toEqual([line(0)]);
  });

  test('a run that has no line yet sends what is in the spool', async () => {
    await server.listen();
    const spool = await spoolIn(inFolder('spool'));
    await spool.add({ body: gzipSync(`${line(0)}\n`), lines: 1 });
    const sink = sinkTo(server.url, { log, spool });
    sink.look();
    await until(() => spool.isEmpty, 'the spool to be empty');
    expect(server.lines).toEqual([line(0)]);
    await sink.close();
  });

  test('and comes back while there is a spool: memory stays free, and the order is kept', async () => {
    const limits = { ...SMALL, buffered: 20_000 };
    const spool = await spoolIn(inFolder('spool'));
    const sink = sinkTo(server.url, { log, limits, spool });
    for (let from = 0; from < 2_000; from += 100) {
      writeLines(sink, from, from + 100);
      await sink.room(AbortSignal.timeout(60_000));
    }
    await until(() => spool.lines > 1_000, 'the spool to fill');
    await server.listen();
    await until(() => server.lines.length > 1_000, 'the spool to be sent');
    writeLines(sink, 2_000, 2_100);
    await until(() => spool.isEmpty, 'the spool to be empty');
    await sink.close();
    expect(server.lines).toEqual(linesFrom(0, 2_100));
    expect({ dropped: sink.dropped, kept: log.kept }).toEqual({ dropped: 0, kept: 0 });
  });

  test('what cannot be read from the spool is missing, and counted; the rest is sent', async () => {
    await server.listen();
    const spool = await spoolIn(inFolder('spool'));
    for (const number of [0, 1]) await spool.add({ body: gzipSync(`${line(number)}\n`), lines: 1 });
    const [first = ''] = readdirSync(inFolder('spool')).filter((name) => name.startsWith('0'));
    rmSync(inFolder(`spool/${first}`));
    symlinkSync('/etc/passwd', inFolder(`spool/${first}`));
    const sink = sinkTo(server.url, { log, spool });
    await sink.close();
    expect(server.lines).toEqual([line(1)]);
    expect(sink.dropped).toBe(1);
    expect(log.spoolFaults).toHaveLength(1);
    expect(sink.failure).toMatch('ELOOP');
  });

  test('a spool that is full leaves the rest in memory, and what does not fit there is counted', async () => {
    const BLOCK = 4096;
    const spool = await spoolIn(inFolder('spool'), 3 * BLOCK);
    const limits = { ...SMALL, buffered: 4_000, end: 1 };
    const sink = sinkTo(server.url, { log, limits, spool });
    for (let from = 0; from < 1_000; from += 10) {
      writeLines(sink, from, from + 10);
      await sink.room(AbortSignal.timeout(1));
    }
    await until(() => log.retries.length > 0, 'an attempt');
    await sink.close();
    expect(readdirSync(inFolder('spool'))).toHaveLength(3);
    expect(sink.dropped).toBe(1_000 - log.kept);
    expect(log.kept).toBeGreaterThan(0);
    expect(sink.failure).toMatch(/connection refused$/);

    await server.listen();
    await sinkTo(server.url, { spool: await spoolIn(inFolder('spool')) }).close();
    expect(server.lines).toEqual(linesFrom(0, log.kept));
  });
});
