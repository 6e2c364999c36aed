/**
 * What answers tell of the path: RTTs of real kernels, with slow applications, delayed
 * acknowledgements, losses and a queue. What the path took of each is in two captures, at both ends.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Answer } from '../../src/events/types.js';
import { answerTables, errorOf, pathOf, type Which } from '../helpers/lab/answer-table.js';
import {
  type Answered,
  type Measured,
  measureAnswers,
  type Situation,
  THINKS,
} from '../helpers/lab/answered.js';
import { DELAY_US, type End } from '../helpers/lab/corpus.js';

const PATH_NS = 2_000 * DELAY_US;
const MS = 1e6;
/** Linux's least delay of an acknowledgement, TCP_DELACK_MIN, by a clock of 1 to 10 ms a tick. */
const DELAYED_NS = 30 * MS;
/** So late timers and processes may be, half of the time, on a machine that is busy. */
const LATE_NS = 5 * MS;

/** A file for the tables of docs/accuracy.md. */
const TABLE = process.env.PPING_TEST_TABLE;

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'pping-answered-'));
let measured: Measured;
let every: readonly Situation[];

beforeAll(async () => {
  measured = await measureAnswers((name) => join(folder, name));
  every = await measured.at(0n);
});
afterAll(async () => {
  if (TABLE !== undefined) {
    writeFileSync(TABLE, answerTables(every, await measured.at(100_000_000n)));
  }
  rmSync(folder, { recursive: true });
});

function of(name: string, end: End, ...answers: readonly Answer[]): Answered[] {
  const found = every.find((each) => each.name === name && each.end === end);
  return (found?.rtts ?? []).filter(({ answer }) => answers.includes(answer));
}

const all = () => every.flatMap(({ rtts }) => rtts);
const waited = ({ rtt, path }: Answered) => rtt - path;
const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
const median = (values: readonly number[]) => sorted(values)[values.length >> 1] ?? Number.NaN;

test('of nearly every RTT it is known what the path took, and none is shorter', () => {
  const unknown = every.reduce((sum, each) => sum + each.unknown, 0);
  expect(all().length).toBeGreaterThan(2_000);
  expect(unknown / all().length).toBeLessThan(0.01);
  expect(all().filter((each) => each.path < PATH_NS || waited(each) < 0)).toEqual([]);
});

describe('what an answer has waited for at the other end', () => {
  test('is nothing in a handshake', () => {
    const handshakes = all().filter(({ answer }) => answer === 'handshake');
    expect(handshakes.length).toBeGreaterThan(300);
    expect(median(handshakes.map(waited))).toBeLessThan(MS);
  });

  test('is the application, if it answers before the kernel does', () => {
    const data = of('requests, server takes 5 ms', 'client', 'data');
    expect(data.length).toBeGreaterThan(100);
    expect(median(data.map(waited))).toBeGreaterThan((THINKS.short - 1) * MS);
    expect(median(data.map(waited))).toBeLessThan(THINKS.short * MS + LATE_NS);
  });

  test('is nothing where the application takes longer than a kernel waits for it', () => {
    const acks = of('requests, server takes 50 ms', 'client', 'ack');
    expect(acks.length).toBeGreaterThan(100);
    expect(median(acks.map(waited))).toBeLessThan(MS);
  });

  test('is the delay of the acknowledgement, if there is nothing else to send', () => {
    const acks = of('requests in fours, server takes 5 ms', 'server', 'ack').map(waited);
    expect(acks.filter((wait) => wait > DELAYED_NS).length).toBeGreaterThan(20);
    expect(acks.filter((wait) => wait < LATE_NS).length).toBeGreaterThan(20);
  });
});

describe('the percentiles that tell the path', () => {
  test('are those of kernels where applications are slow', () => {
    const situation = every.find(
      ({ name, end }) => /^short and long .* 20 ms$/.test(name) && end === 'client',
    );
    expect(situation && pathOf(situation).kind).toBe('kernel');
  });

  test('are those of data where acknowledgements are delayed', () => {
    // Where every other one is quick, it takes little more on a busy machine for pairs to show nothing.
    const situation = every.find(({ name, end }) => /quickly/.test(name) && end === 'server');
    expect(situation && pathOf(situation).kind).toBe('data');
  });

  const mean = (which: Which, percent: number) =>
    every.reduce((sum, each) => sum + errorOf(each, which, percent), 0) / every.length;

  test('are nearer to the path than those of all, and at the p90 than those of kernels alone', () => {
    expect(mean('path', 90)).toBeLessThan(mean('all', 90));
    expect(mean('path', 90)).toBeLessThan(mean('kernel', 90));
    // Half of all are right nearly everywhere.
    expect(mean('path', 50)).toBeLessThan(mean('all', 50) + 0.05);
  });

  test('do not make a queue disappear', () => {
    const queued = every.filter(({ name }) => /queue/.test(name));
    expect(queued.length).toBe(2);
    for (const each of queued) expect(errorOf(each, 'path', 90)).toBeLessThan(0.25);
  });
});
