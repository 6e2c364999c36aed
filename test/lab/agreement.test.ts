/**
 * Every RTT that tshark finds in captures of many kinds of connections (tcp.analysis.ack_rtt), and that
 * of each handshake (tcp.analysis.initial_rtt): pping has the same one, between the same two segments, or
 * the segments tell why not; and pping has no other. Captures against captures: no clock is asked.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Asked, askedIn } from '../helpers/core/asked.js';
import { replayBytes } from '../helpers/core/replayed.js';
import { type Corpus, ENDS, makeCorpus } from '../helpers/lab/corpus.js';
import { REASONS, type Reason, Reasons } from '../helpers/lab/reasons.js';
import { KINDS, MERGED_KINDS } from '../helpers/lab/stacks.js';
import { type Analysed, analyse } from '../helpers/lab/tshark.js';
import { type Segment, segmentsOf } from '../helpers/packets/segments.js';

/** Of tshark's RTTs; a third, as a rule. */
const SAME = 0.15;
/** A file for the table of docs/accuracy.md. */
const TABLE = process.env.PPING_TEST_TABLE;

interface Compared {
  readonly segments: readonly Segment[];
  readonly asked: readonly Asked[];
  /** One for each segment. */
  readonly analysed: readonly Analysed[];
  readonly reasons: Reasons;
}

/** An RTT of tshark's, and what is said of it. */
interface Judged {
  readonly question: Segment;
  readonly answer: Segment;
  readonly reason: Reason;
}

const NETWORKS = ['wire', 'merged'] as const;
const ALL_KINDS = { wire: KINDS, merged: MERGED_KINDS };
const PLACES = NETWORKS.flatMap((network) => ENDS.map((end) => ({ network, end })));

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), 'pping-agreement-'));
const compared = new Map<string, Compared>();

beforeAll(async () => {
  const made = NETWORKS.map((network) =>
    makeCorpus(ALL_KINDS[network], (name) => join(folder, `${network}-${name}`), network),
  );
  const [wire, merged] = (await Promise.all(made)) as [Corpus, Corpus];
  const corpora = { wire, merged };
  for (const { network, end } of PLACES) {
    compared.set(`${network} ${end}`, await compare(corpora[network], end));
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  if (TABLE !== undefined) writeFileSync(TABLE, table());
});

describe.each(PLACES)('$network, captured at the $end', ({ network, end }) => {
  const here = () => compared.get(`${network} ${end}`) as Compared;

  test("each RTT of tshark's is pping's as well, or it is known why not", () => {
    const judged = judge(here());

    expect(judged.filter(({ reason }) => reason === 'unexplained')).toEqual([]);
    expect(judged.filter(({ reason }) => reason === 'same').length / judged.length).toBeGreaterThan(
      SAME,
    );
  });

  test("each RTT of pping's is tshark's to the nanosecond, or begins earlier", () => {
    const { segments, asked, analysed } = here();
    const at = new Map(segments.map(({ record }, index) => [record, index]));
    const different = asked.filter(({ question, answer, rtt }) => {
      const { acks, ackRtt } = analysed[at.get(answer.record) ?? -1] ?? {};
      const asking = at.get(question.record) ?? -1;
      if (acks === undefined) return !mayBeMissing(segments, question, answer);
      if (acks === asking) return ackRtt !== rtt;
      // Of a SYN that was sent again, timestamps tell which is answered. tshark begins with the first.
      return acks < asking && segments[acks]?.seq !== question.seq;
    });

    expect(different).toEqual([]);
  });

  test("both RTTs of a handshake are together what tshark's initial_rtt is", () => {
    const { segments, asked, analysed } = here();
    const connections = segments.filter(({ isSyn, ack }) => isSyn && ack === undefined);
    const wrong = connections.filter(({ way, back }) => {
      const own = segments.filter((each) => each.way === way || each.way === back);
      // What was sent twice may give no RTT, and tshark begins with the last.
      if (own.filter(({ isSyn }) => isSyn).length !== 2) return false;
      const first = segments.findIndex(
        (each, index) => each.way === way && analysed[index]?.initialRtt !== undefined,
      );
      const shaken = asked.filter((each) => each.handshake && own.includes(each.question));
      const sum = shaken.reduce((total, { rtt }) => total + rtt, 0);
      return shaken.length !== 2 || sum !== analysed[first]?.initialRtt;
    });

    expect(connections.length).toBeGreaterThan(MERGED_KINDS.length);
    expect(wrong).toEqual([]);
  });
});

async function compare(corpus: Corpus, end: (typeof ENDS)[number]): Promise<Compared> {
  const file = join(folder, 'compared.pcap');
  const segments = segmentsOf(corpus.captures[end]);
  const { rtts } = await replayBytes(corpus.captures[end], file);
  const asked = askedIn(segments, rtts);
  const analysed = await analyse(file);
  expect(analysed.length).toBe(segments.length);
  return { segments, asked, analysed, reasons: new Reasons(segments, asked) };
}

function judge({ segments, analysed, reasons }: Compared): Judged[] {
  return analysed.flatMap(({ acks }, index) => {
    const [question, answer] = [segments[acks ?? -1], segments[index]];
    if (acks === undefined || question === undefined || answer === undefined) return [];
    return [{ question, answer, reason: reasons.of(acks, index) }];
  });
}

/** tshark has no RTT where a part of a segment is acknowledged; newer ones none of data that was sent again. */
function mayBeMissing(segments: readonly Segment[], question: Segment, { ack }: Segment): boolean {
  const data = segments.filter(({ way, length }) => way === question.way && length > 0);
  const isAnEnd = data.some(({ seq, length }) => (seq + length) >>> 0 === ack);
  return !isAnEnd || data.filter(({ seq }) => seq === question.seq).length > 1;
}

/** In Markdown: how many RTTs of tshark's have which reason, with timestamps and without. */
function table(): string {
  const judged = [...compared.values()].flatMap(judge);
  const rows = (Object.keys(REASONS) as Reason[]).map((reason) => {
    const own = judged.filter((each) => each.reason === reason);
    const stamped = own.filter(({ answer }) => answer.tsval !== undefined).length;
    return `| ${REASONS[reason]} | ${stamped} | ${own.length - stamped} |\n`;
  });
  return rows.join('');
}
