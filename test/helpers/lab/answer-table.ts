/** What kinds of answers tell of a path, against what it took; and tables of that in Markdown. */
import type { Answer } from '../../../src/events/types.js';
import { ByAnswer, type PathRtts } from '../../../src/summary/by-answer.js';
import type { Answered, Situation } from './answered.js';

const KINDS = {
  ack: ['ack'],
  data: ['data'],
  handshake: ['handshake'],
  kernel: ['ack', 'handshake'],
  all: ['ack', 'data', 'handshake'],
} as const satisfies Record<string, readonly Answer[]>;

/** Those of a kind, or those that pping takes. */
export type Which = keyof typeof KINDS | 'path';

/** Fewer say nothing: then all count. */
const LEAST = 20;
const WHICH: readonly (readonly [which: Which, name: string])[] = [
  ['ack', 'bare ACKs'],
  ['handshake', 'handshakes'],
  ['kernel', 'ACKs and handshakes'],
  ['data', 'answers with data'],
  ['all', 'all'],
  ['path', 'the rule'],
];

/** By pping's rule. */
export function pathOf({ rtts }: Situation): PathRtts {
  const byAnswer = new ByAnswer(undefined, true);
  for (const { rtt, answer } of rtts) byAnswer.record(rtt, answer);
  return byAnswer.path;
}

/** How far a percentile is from that of what the path took: a part of it, whichever is larger. */
export function errorOf(situation: Situation, which: Which, percent: number): number {
  const truth = percentileOf(pathsOf(situation), percent);
  return Math.abs(Math.log(estimateOf(situation, which, percent) / truth));
}

function estimateOf(situation: Situation, which: Which, percent: number): number {
  if (which === 'path') return pathOf(situation).histogram.percentile(percent);
  const own = rttsOf(situation, which);
  return percentileOf(own.length < LEAST ? rttsOf(situation, 'all') : own, percent);
}

function rttsOf({ rtts }: Situation, which: keyof typeof KINDS): number[] {
  const answers: readonly Answer[] = KINDS[which];
  return rtts.filter(({ answer }) => answers.includes(answer)).map(({ rtt }) => rtt);
}

function pathsOf({ rtts }: Situation): number[] {
  return rtts.map(({ path }: Answered) => path);
}

function percentileOf(values: readonly number[], percent: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(1, Math.ceil((percent * sorted.length) / 100)) - 1] ?? Number.NaN;
}

/** @param every at --rate 0, and the same at the usual rate */
export function answerTables(every: readonly Situation[], usual: readonly Situation[]): string {
  const enough = (situations: readonly Situation[]) =>
    situations.filter(({ rtts }) => rtts.length >= LEAST);
  return `${situationTable(enough(every))}\n${errorTable(enough(every), enough(usual))}`;
}

/** How many, and p50 and p90 in ms. */
function situationTable(situations: readonly Situation[]): string {
  const cell = (values: readonly number[]) =>
    values.length === 0
      ? ''
      : `${values.length}: ${[50, 90].map((p) => (percentileOf(values, p) / 1e6).toFixed(1)).join(', ')}`;
  const kinds = { kernel: 'ACKs and handshakes', data: 'data', all: 'all' };
  const head = ['', 'seen at', 'the path', 'bare ACKs', 'handshakes', 'data', 'all', 'chosen'];
  const rows = situations.map((each) => [
    each.name,
    `the ${each.end}`,
    cell(pathsOf(each)).replace(/^\d+: /, ''),
    ...(['ack', 'handshake', 'data', 'all'] as const).map((which) => cell(rttsOf(each, which))),
    kinds[pathOf(each).kind],
  ]);
  return markdown(head, rows);
}

/** By how much they are off, in percent: the mean of all situations, and the worst. */
function errorTable(every: readonly Situation[], usual: readonly Situation[]): string {
  const cell = (situations: readonly Situation[], which: Which, percent: number) => {
    const errors = situations.map((each) => errorOf(each, which, percent));
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    return [mean, Math.max(...errors)]
      .map((error) => (100 * Math.expm1(error)).toFixed(0))
      .join(', ');
  };
  const head = [
    '',
    ...['`--rate 0`', '`--rate 100ms`'].flatMap((rate) => [`p50, ${rate}`, `p90, ${rate}`]),
  ];
  const row = (which: Which, name: string, isMeant = (_: Situation) => true) => [
    name,
    ...[every, usual].flatMap((situations) =>
      [50, 90].map((percent) => cell(situations.filter(isMeant), which, percent)),
    ),
  ];
  const isEmpty = ({ name }: Situation) => !name.includes('queue');
  return markdown(head, [
    ...WHICH.map(([which, name]) => row(which, name)),
    row('all', 'all, without the queue', isEmpty),
    row('path', 'the rule, without the queue', isEmpty),
  ]);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}
