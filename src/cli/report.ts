/** pping report: recorded runs as one web page. */
import { extname } from 'node:path';
import { UsageError } from '../faults.js';
import { byteCount, count } from '../format/units.js';
import { writeReport } from '../report/report.js';
import type { ReportOptions } from './options.js';
import { tell } from './terms.js';

/** @returns the exit code */
export async function report({ runs, page }: ReportOptions): Promise<number> {
  const output = page ?? pageBeside(runs[0]);
  const { samples, flows, peers, skippedLines, damage, bytes } = await writeReport({
    ...{ inputs: runs, output },
  });
  const what = `${count(samples, 'sample')} of ${count(flows, 'flow')} and ${count(peers, 'peer')}`;
  tell(`${output}: ${what}, ${byteCount(bytes)}`);
  for (const each of damage) tell(each);
  if (skippedLines > 0) tell(`${count(skippedLines, 'line')} not understood, and left out`);
  return 0;
}

/** run.ndjson, and run.ndjson.gz as logrotate leaves it, become run.html. */
function pageBeside(run = '-'): string {
  if (run === '-') throw new UsageError('report: what comes in has no name; -o <file> gives one');
  const plain = run.replace(/\.(gz|zst)$/, '');
  return `${plain.slice(0, plain.length - extname(plain).length)}.html`;
}
