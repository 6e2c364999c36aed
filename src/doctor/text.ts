/** The findings, for people. */
import { Chalk, type ChalkInstance } from 'chalk';
import { harmless } from '../text/ascii.js';
import { count } from '../text/units.js';
import { type Finding, type FindingStatus, missing } from './finding.js';

const MARKS: Record<FindingStatus, string> = { ok: 'ok', warning: '!', missing: 'missing' };
const MARK_WIDTH = MARKS.missing.length;

/** A line for each, with what to do about it on the next one, and the verdict. */
export function doctorText(findings: readonly Finding[], color: boolean): string {
  const paint = new Chalk({ level: color ? 1 : 0 });
  const width = Math.max(0, ...findings.map(({ what }) => what.length));
  const lines = findings.map((finding) => findingText(finding, width, paint));
  return [...lines, verdict(findings)].join('\n');
}

function findingText({ what, status, found, fix }: Finding, width: number, paint: ChalkInstance) {
  const mark = colored(status, paint)(MARKS[status].padEnd(MARK_WIDTH));
  const indent = ' '.repeat(MARK_WIDTH + width + 4);
  const text = `${mark}  ${what.padEnd(width)}  ${harmless(found).replaceAll('\n', `\n${indent}`)}`;
  return fix === undefined ? text : `${text}\n${indent}fix: ${fix}`;
}

function colored(status: FindingStatus, paint: ChalkInstance): ChalkInstance {
  if (status === 'ok') return paint.green;
  return status === 'warning' ? paint.yellow : paint.red;
}

function verdict(findings: readonly Finding[]): string {
  const lacking = missing(findings).length;
  if (lacking === 0) return 'live capture (-i) should work';
  return `live capture (-i) will not work: ${count(lacking, 'requirement')} missing (reading captures with -r works)`;
}
