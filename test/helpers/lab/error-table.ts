/** The errors of a budget, for people: a table in Markdown. */
import { median } from '../../../bench/statistics.js';
import type { Budget, BudgetKind, MeasuredFlow, Sample, Situation } from './budget.js';

/**
 * Of the kinds and of the upload: least, median and worst error in us. Of the delay line: how much
 * less, in the median, its own capture shows than the reference. The samples are those of the kinds
 * and those of the upload.
 */
export function errorTable(
  budget: Budget,
  kinds: readonly BudgetKind[],
  situations: readonly Situation[],
  hasUploads = true,
): string {
  const head = [
    'one way',
    'load',
    'samples',
    'RTT',
    'delay line',
    ...kinds.map(({ kind }) => kind),
    ...(hasUploads ? ['upload'] : []),
  ];
  const rows = situations.map((situation) => {
    const byKind = kinds.map(({ address }) => budget.of(situation, address));
    const samples = byKind.flatMap(samplesOf);
    const uploads = hasUploads ? [budget.upload(situation)] : [];
    const late = median(samples.map(({ reference, least }) => reference - least)) / 1e3;
    const rtt = median(samples.map(({ reference }) => reference)) / 1e6;
    return [
      `${situation.delayMs} ms`,
      situation.load,
      [samples, ...uploads.map(samplesOf)].map(({ length }) => length).join(' + '),
      `${rtt.toFixed(3)} ms`,
      late.toFixed(0),
      ...[...byKind, ...uploads].map((flows) => cell(errorsOf(flows))),
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('');
}

export function samplesOf(flows: readonly MeasuredFlow[]): Sample[] {
  return flows.flatMap(({ samples }) => samples);
}

/** In ns; what pping reports beyond the reference. */
export function errorsOf(flows: readonly MeasuredFlow[]): number[] {
  return samplesOf(flows).map(({ rtt, reference }) => rtt - reference);
}

function cell(errors: readonly number[]): string {
  if (errors.length === 0) return '';
  const figures = [Math.min(...errors), median(errors), Math.max(...errors)];
  return figures.map((ns) => (ns / 1000).toFixed(1)).join(', ');
}
