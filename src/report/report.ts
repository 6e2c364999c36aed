/** A run, as a page that opens anywhere. */

import { fstatSync, type Stats, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Fault, messageOf, UsageError } from '../faults.js';
import { openInput } from '../input/input.js';
import { installed } from '../installation/installed.js';
import { STDIN } from '../stdio/descriptors.js';
import { asciiText } from '../text/ascii.js';
import { aggregateBlocksOf, blocksOf, dnsBlocksOf } from './blocks.js';
import { Collector } from './collector.js';
import { type Assets, documentOf } from './document.js';
import { readLines } from './lines.js';
import { checkWritable, replaceFile } from './replace-file.js';

export interface ReportRequest {
  /** NDJSON, also compressed; `-` is standard input. Of one run in several files, the oldest first. */
  readonly inputs: readonly string[];
  readonly output: string;
  /** The interface that the report is to be of; undefined: all that there are. */
  readonly seenAt?: string | undefined;
}

export interface ReportResult {
  /** Those that --report-interval held back included. */
  readonly samples: number;
  /** Those with an RTT, and peers; of aggregates undefined, which do not tell them apart. */
  readonly flows?: number;
  readonly peers?: number;
  /** Of aggregates, how many rows there are, and intervals in which they were counted. */
  readonly rows?: number;
  readonly intervals?: number;
  /** Of DNS alone, queries that are over, and who was asked. */
  readonly queries?: number;
  readonly resolvers?: number;
  /** Lines that are not JSON, or none of pping's: left out. */
  readonly skippedLines: number;
  /** Inputs that ended before their end, and why. What came before is in the report. */
  readonly damage: readonly string[];
  /** What else is to be known of the report. */
  readonly remarks: readonly string[];
  /** Of the report. */
  readonly bytes: number;
  /** There where a pipe's reader has left before the end of it. */
  readonly isCutShort?: true;
}

/**
 * Reads the inputs to their end, then writes the report. Throws a UsageError where one cannot be read
 * or written, none is a recording, or nothing was measured at the interface; a Fault where they have no RTT, nor a query of DNS.
 */
export async function writeReport(request: ReportRequest): Promise<ReportResult> {
  const { inputs, output } = request;
  await checkWritable(output);
  const page = await loadAssets();
  const collector = new Collector(request.seenAt);
  const damage: string[] = [];
  const stats: Stats[] = [];
  for (const input of inputs) damage.push(...(await collect(input, collector, stats)));
  const sources = inputs.map(nameOf);
  refuseWithoutRtts(collector, sources, damage);

  const { blocks, ...told } = reportOf(collector, { sources, damage });
  let bytes = 0;
  const isTaken = await replaceFile(
    output,
    tapped(documentOf(blocks, page), (piece) => {
      bytes += Buffer.byteLength(piece);
    }),
    stats,
  );
  return { ...told, damage, bytes, ...(isTaken ? {} : { isCutShort: true }) };
}

interface FromInputs {
  readonly sources: readonly string[];
  readonly damage: readonly string[];
}

function reportOf(collector: Collector, inputs: FromInputs) {
  if (collector.rtts > 0) return rttReport(collector, inputs);
  const isAggregated = collector.aggregated.rtts > 0;
  return isAggregated ? aggregateReport(collector, inputs) : dnsReport(collector, inputs);
}

function dnsReport(collector: Collector, inputs: FromInputs) {
  const facts = collector.finishDns();
  const { skippedLines, remarks, resolvers } = facts;
  const blocks = dnsBlocksOf({ ...facts, ...inputs });
  const { queries } = collector;
  return { blocks, samples: 0, queries, resolvers: resolvers.length, skippedLines, remarks };
}

function rttReport(collector: Collector, inputs: FromInputs) {
  const { facts, samples, flows, peers } = collector.finish();
  const { skippedLines, remarks } = facts;
  const total = facts.samples.reduce((sum, count) => sum + count, 0);
  const blocks = blocksOf({ ...facts, ...inputs }, samples);
  return { blocks, samples: total, flows, peers, skippedLines, remarks };
}

function aggregateReport(collector: Collector, inputs: FromInputs) {
  const { facts, series } = collector.finishAggregates();
  const { skippedLines, remarks, rowCounts } = facts;
  const sides = series.slice(0, rowCounts.length).flatMap(({ counted }) => counted);
  return {
    blocks: aggregateBlocksOf({ facts: { ...facts, ...inputs }, series }),
    samples: sides.reduce((sum, { samples }) => sum + samples, 0),
    rows: rowCounts.reduce((sum, count) => sum + count, 0),
    intervals: collector.aggregated.intervals,
    skippedLines,
    remarks,
  };
}

async function loadAssets(): Promise<Assets> {
  const read = (name: string) => readFile(installed(`dist/report/${name}`), 'utf8');
  try {
    return { script: await read('page.js'), style: await read('page.css') };
  } catch (error) {
    throw new Fault(`the report page is not built: ${messageOf(error)}`);
  }
}

/** @returns why it could not be read to its end, if so: a file that is cut off is worth reading still */
async function collect(path: string, collector: Collector, stats: Stats[]): Promise<string[]> {
  const input = await openInput(path, 'pping report -');
  stats.push(statOf(path));
  collector.nextInput();
  try {
    await readLines(input, {
      onLine: (line) => collector.take(line),
      onOverlong: () => collector.skip(),
    });
    return [];
  } catch (error) {
    return [`${nameOf(path)}: ${messageOf(error)}`];
  } finally {
    input.close();
  }
}

function statOf(path: string): Stats {
  return path === '-' ? fstatSync(STDIN) : statSync(path);
}

function nameOf(path: string): string {
  return path === '-' ? 'standard input' : basename(path);
}

function refuseWithoutRtts(
  { rtts, aggregated, queries, lines, recorded, hasIntervals, isOfSummaries, missing }: Collector,
  sources: readonly string[],
  damage: readonly string[],
): void {
  if (rtts > 0 || aggregated.rtts > 0 || queries > 0) return;
  if (damage.length > 0) throw new Fault(asciiText(damage.join('; ')));
  const names = asciiText(sources.join(', '));
  const [is, has] = sources.length === 1 ? ['is', 'has'] : ['are', 'have'];
  if (missing !== undefined) throw new UsageError(`${names} ${has} no ${asciiText(missing)}`);
  if (hasIntervals) {
    throw new Fault(
      `${names} ${has} no RTTs, only intervals; to make a report, record without --interval or with --events`,
    );
  }
  if (isOfSummaries) {
    throw new Fault(
      `${names} ${has} no RTTs, only a summary; to make a report, record without --quiet`,
    );
  }
  if (recorded > 0) throw new Fault(`${names} ${has} no RTTs`);
  if (lines === 0) throw new UsageError(`${names} ${is} empty`);
  const what = sources.length === 1 ? 'is not a pping recording' : 'are not pping recordings';
  throw new UsageError(`${names} ${what}; -o run.ndjson makes one`);
}

function* tapped<Piece>(pieces: Iterable<Piece>, tap: (piece: Piece) => void): Generator<Piece> {
  for (const piece of pieces) {
    tap(piece);
    yield piece;
  }
}
