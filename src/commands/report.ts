/** pping report: recorded runs as one web page. */
import { realpathSync, statSync } from 'node:fs';
import { UsageError } from '../faults.js';
import type { ReportOptions } from '../options/options.js';
import { STANDARD_OUTPUT } from '../report/replace-file.js';
import { type ReportResult, writeReport } from '../report/report.js';
import { notify } from '../stdio/notify.js';
import { asciiText } from '../text/ascii.js';
import { byteCount, count } from '../text/units.js';

const READER_LEFT = 'cut short: its reader has left';

/** @returns the exit code */
export async function report({ runs, page, seenAt }: ReportOptions): Promise<number> {
  const output = page ?? pageBeside(runs[0]);
  if (runs.some((run) => isSameFile(run, output))) {
    throw new UsageError(`report: ${output} would overwrite its own input`);
  }
  const result = await writeReport({ inputs: runs, output, seenAt });
  const { skippedLines, remarks, damage, bytes, isCutShort = false } = result;
  const name = output === STANDARD_OUTPUT ? 'standard output' : asciiText(output);
  notify(`${name}: ${contentText(result)}, ${isCutShort ? READER_LEFT : byteCount(bytes)}`);
  for (const each of [...damage, ...remarks]) notify(asciiText(each));
  if (skippedLines > 0) notify(`${count(skippedLines, 'line')} not understood and skipped`);
  return 0;
}

function contentText(result: ReportResult): string {
  const { samples, flows, peers, rows, intervals, queries, resolvers } = result;
  if (queries !== undefined && resolvers !== undefined)
    return `${queries} ${queries === 1 ? 'query' : 'queries'} to ${count(resolvers, 'resolver')}`;
  const told = count(samples, 'sample');
  if (flows !== undefined && peers !== undefined)
    return `${told} of ${count(flows, 'flow')} and ${count(peers, 'peer')}`;
  return `${told} of ${count(intervals ?? 0, 'interval')}, in ${count(rows ?? 0, 'row')}`;
}

/** run.ndjson becomes run.html; eth0.ndjson.2.gz, as logrotate leaves it, eth0.2.html. */
function pageBeside(run = '-'): string {
  if (run === '-')
    throw new UsageError('report: standard input has no name for the page; use -o <file>');
  return `${run.replace(/\.(gz|zst)$/, '').replace(/\.(ndjson|jsonl|json)(?=(\.[\w-]+)?$)/, '')}.html`;
}

/** What is written to a device replaces nothing. */
function isSameFile(run: string, output: string): boolean {
  try {
    return realpathSync(run) === realpathSync(output) && statSync(output).isFile();
  } catch {
    return false; // one of them is not there
  }
}
