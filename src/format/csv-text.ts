/** Cells of CSV (RFC 4180), in ASCII. */
import { asciiText } from '../text/ascii.js';

/** A spreadsheet takes what begins so for a formula, and runs it. */
const FORMULA = /^[=+\-@]/;

/** Undefined is an empty cell: not known, or there is none. */
export type Cell = string | number | bigint | undefined;

/** A name that others have chosen. What would be a formula gets an apostrophe before it. */
export function csvName(name: string | undefined): string {
  if (name === undefined) return '';
  const text = asciiText(name);
  return quoted(FORMULA.test(text) ? `'${text}` : text);
}

/** Of numbers, words of our own, and what csvName() has made. */
export function csvLine(cells: readonly Cell[]): string {
  return `${csvCells(cells)}\n`;
}

/** The same, within a row. */
export function csvCells(cells: readonly Cell[]): string {
  return cells.map((cell) => cell ?? '').join(',');
}

/** There are no line breaks in ASCII text. */
function quoted(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
