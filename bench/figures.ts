// Figures: measured again and again, shown as a table and as JSON.
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { median, signedRank } from './statistics.js';

export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One a round. */
  readonly values: readonly number[];
  /** What it must not exceed, or fall short of; from bounds.ts. */
  readonly bound?: Bound;
}

/** Beyond a gate, `make bench` fails; beyond a target it says so. */
export type Bound = ({ readonly atMost: number } | { readonly atLeast: number }) & {
  readonly isGate?: true;
};

export interface Group {
  readonly title: string;
  readonly figures: readonly Figure[];
}

export function isWithin({ bound, values }: Figure): boolean {
  if (!bound) return true;
  const value = median(values);
  return 'atMost' in bound ? value <= bound.atMost : value >= bound.atLeast;
}

export function printGroup({ title, figures }: Group): void {
  const rows = figures.map((figure) => [
    figure.name,
    number(median(figure.values)),
    intervalText(figure.values),
    figure.unit,
    boundText(figure),
  ]);
  printTable(title, ['', 'median', '95 % interval', '', 'bound'], rows);
}

/** Columns as wide as they need; the first to the left, the others to the right. */
export function printTable(
  title: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = header.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((text, column) =>
        column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  process.stdout.write(
    `\n${title}\n${[header, ...rows].map((row) => `  ${line(row)}\n`).join('')}`,
  );
}

/** Three figures: there are not more in any of this. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number.isInteger(value) ? String(value) : value.toFixed(digits);
}

export function writeJson(
  path: string,
  groups: readonly Group[],
  remarks: readonly string[],
): void {
  const machine = { cpus: cpus().map(({ model }) => model), kernel: release(), memory: totalmem() };
  const versions = { node: process.version };
  writeFileSync(path, `${JSON.stringify({ machine, versions, groups, remarks }, null, 2)}\n`);
}

function intervalText(values: readonly number[]): string {
  const { low, high } = signedRank(values);
  return Number.isFinite(low) ? `${number(low)} to ${number(high)}` : '';
}

function boundText(figure: Figure): string {
  const { bound } = figure;
  if (!bound) return '';
  const text = 'atMost' in bound ? `at most ${bound.atMost}` : `at least ${bound.atLeast}`;
  return isWithin(figure) ? text : `${text}: NOT MET`;
}
