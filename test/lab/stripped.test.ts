/**
 * Captures of real kernels, replayed as they are and with their timestamps taken out: what is measured
 * by sequence number is compared with what the timestamps had told of the same segments.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Asked, askedIn, echoOf } from '../helpers/core/asked.js';
import { replayBytes } from '../helpers/core/replayed.js';
import {
  type Corpus,
  DELAY_US,
  ENDS,
  type End,
  type Kind,
  makeCorpus,
} from '../helpers/lab/corpus.js';
import {
  type Segment,
  segmentsOf,
  withOnly,
  withoutTimestamps,
} from '../helpers/packets/segments.js';

const REQUESTS = ['--connections', '4', '--requests', '30', '--interval', '20'];
const SHORT = ['--mode', 'short', '--connections', '4', '--requests', '10', '--interval', '20'];
const LARGE = ['--requests', '20', '--interval', '30'];
const BULK = ['--mode', 'bulk', '--rate', '30', '--requests', '150'];
const MIXED = ['--connections', '8', '--requests', '20', '--interval', '10'];
const KINDS: readonly Kind[] = [
  { name: 'requests', traffic: REQUESTS },
  { name: 'short connections', traffic: SHORT },
  { name: 'requests of 40 kB', traffic: [...LARGE, '--request', '40000'] },
  {
    name: 'replies of 60 kB',
    isIpv6: true,
    traffic: [...LARGE, '--reply', '60000'],
  },
  { name: 'upload', traffic: BULK },
  { name: 'upload, 2 % lost', faults: { lost: 20, early: 0 }, traffic: BULK },
  { name: 'upload, 3 % out of order', faults: { lost: 0, early: 30 }, traffic: BULK },
  {
    name: 'requests of 3 kB, 2 % each',
    isIpv6: true,
    faults: { lost: 20, early: 20 },
    traffic: [...MIXED, '--request', '3000', '--reply', '3000'],
  },
];

/** Of the RTTs by sequence number: that many are also RTTs by timestamp; of that many the echo says that they are right. */
const BOTH = 0.5;
const CONFIRMED = 0.97;
/** Captures that begin in mid-stream: so many segments, that far apart. */
const PART = 400;
const STEP = 101;
const PATH_NS = 2_000 * DELAY_US;

/** A file for the table of docs/accuracy.md. */
const TABLE = process.env.PPING_TEST_TABLE;

interface Compared {
  readonly stamped: readonly Asked[];
  readonly bare: readonly Asked[];
}

jest.setTimeout(240_000);

const folder = mkdtempSync(join(tmpdir(), 'pping-stripped-'));
let corpus: Corpus;
const compared = {} as Record<End, Compared>;

beforeAll(async () => {
  corpus = await makeCorpus(KINDS, (name) => join(folder, name));
  for (const end of ENDS) {
    const capture = corpus.captures[end];
    const stamped = await asked(capture);
    compared[end] = { stamped, bare: await asked(withoutTimestamps(capture)) };
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (TABLE !== undefined) writeFileSync(TABLE, table());
});

describe.each(ENDS)('captured at the %s', (end) => {
  test('of the same segment both ways give the same RTT, to the nanosecond', () => {
    const { stamped, bare } = compared[end];
    const pairs = pairsOf(stamped, bare);

    expect(pairs.filter(([one, other]) => one.rtt !== other.rtt)).toEqual([]);
    expect(pairs.length / bare.length).toBeGreaterThan(BOTH);
    expect(
      KINDS.filter((kind) => !pairs.some(([, { question }]) => kindOf(question) === kind)),
    ).toEqual([]);
  });

  test('of the others the echo says which segment they answer, but where an answer was lost', () => {
    const { bare } = compared[end];
    const late = withEchoes(end, bare).filter((each) => echoOf(each) === 'newer');

    expect(1 - late.length / bare.length).toBeGreaterThan(CONFIRMED);
    expect(late.filter(({ question }) => !kindOf(question)?.faults)).toEqual([]);
  });

  test('none is below what the path takes', () => {
    expect(fromHere(end, compared[end].bare).length).toBeGreaterThan(100);
    expect(fromHere(end, compared[end].bare).filter(({ rtt }) => rtt < PATH_NS)).toEqual([]);
  });

  test('nor does it matter where in the connections the capture begins', async () => {
    const capture = corpus.captures[end];
    const whole = new Map(compared[end].stamped.map((each) => [nameOf(each.question), each]));
    const all = segmentsOf(capture);
    let found = 0;
    for (let first = STEP; first + PART < all.length; first += STEP) {
      const part = withoutTimestamps(withOnly(capture, all.slice(first, first + PART)));
      for (const { question, rtt } of await asked(part)) {
        const other = whole.get(nameOf(question));
        if (other === undefined) continue;
        found++;
        expect(rtt).toBe(other.rtt);
      }
    }
    expect(found).toBeGreaterThan(compared[end].bare.length);
  });
});

async function asked(capture: Buffer): Promise<Asked[]> {
  const { rtts } = await replayBytes(capture, join(folder, 'replayed.pcap'));
  return askedIn(segmentsOf(capture), rtts);
}

function nameOf({ way, time }: Segment): string {
  return `${way} ${time}`;
}

function pairsOf(some: readonly Asked[], others: readonly Asked[]): (readonly [Asked, Asked])[] {
  const byName = new Map(some.map((each) => [nameOf(each.question), each]));
  return others.flatMap((other) => {
    const one = byName.get(nameOf(other.question));
    return one === undefined ? [] : [[one, other] as const];
  });
}

/** The same with the segments as they were before the timestamps were taken out. */
function withEchoes(end: End, bare: readonly Asked[]): Asked[] {
  const stamped = new Map(segmentsOf(corpus.captures[end]).map((each) => [nameOf(each), each]));
  return bare.map((each) => ({
    ...each,
    question: stamped.get(nameOf(each.question)) ?? each.question,
    answer: stamped.get(nameOf(each.answer)) ?? each.answer,
  }));
}

/** Those that the whole path is in; what overtakes others takes less than its delay. */
function fromHere(end: End, some: readonly Asked[]): Asked[] {
  return some.filter(({ question }) => {
    const isClient = corpus.kinds.has(question.destPort);
    return isClient === (end === 'client') && !kindOf(question)?.faults?.early;
  });
}

function kindOf({ sourcePort, destPort }: Segment): Kind | undefined {
  return corpus.kinds.get(sourcePort) ?? corpus.kinds.get(destPort);
}

/** In Markdown, of both captures: how many were found each way, and what is said of those without timestamps. */
function table(): string {
  const rows = KINDS.map((kind) => {
    const counts = ENDS.map((end) => countsOf(end, kind));
    const sum = (name: keyof (typeof counts)[number]) =>
      String(counts.reduce((total, each) => total + each[name], 0));
    return [
      kind.name,
      ...(['stamped', 'bare', 'equal', 'unequal', 'same', 'older', 'newer'] as const).map(sum),
    ];
  });
  return rows.map((row) => `| ${row.join(' | ')} |\n`).join('');
}

function countsOf(end: End, kind: Kind) {
  const isMeant = ({ question }: Asked) => kindOf(question) === kind;
  const stamped = compared[end].stamped.filter(isMeant);
  const bare = compared[end].bare.filter(isMeant);
  const pairs = pairsOf(stamped, bare);
  const equal = pairs.filter(([one, other]) => one.rtt === other.rtt).length;
  const known = new Set(pairs.map(([, { question }]) => nameOf(question)));
  const others = withEchoes(
    end,
    bare.filter(({ question }) => !known.has(nameOf(question))),
  ).map(echoOf);
  const saying = (echo: ReturnType<typeof echoOf>) => others.filter((each) => each === echo).length;
  return {
    ...{ stamped: stamped.length, bare: bare.length, equal, unequal: pairs.length - equal },
    ...{ same: saying('same'), older: saying('older'), newer: saying('newer') },
  };
}
