/** Rows in the order that a reader asks for. */

export interface Order<Column> {
  readonly column: Column;
  readonly isDescending: boolean;
}

/** Those that are equal come in the order of their names. */
export function sortedBy<Row, Column extends keyof Row>(
  rows: readonly Row[],
  { column, isDescending }: Order<Column>,
  nameOf: (row: Row) => string,
): Row[] {
  const sign = isDescending ? -1 : 1;
  return rows.toSorted(
    (a, b) => sign * compare(a[column], b[column]) || compare(nameOf(a), nameOf(b)),
  );
}

/** Addresses by the numbers in them: 10.0.0.9 is before 10.0.0.10. */
const collator = new Intl.Collator('en', { numeric: true });

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
