/** Options that cannot be used together, or not with this source. */
import { UsageError } from '../faults.js';
import { longOf, nameOf, type SourceKind } from './row.js';
import { type CheckedRow, type OptionName, type ParsedOptions, ROWS } from './table.js';

export type Given = ReadonlySet<OptionName>;

/** Throws a UsageError that says which of those that were given it is. */
export function refuseConflicts(parsed: ParsedOptions, given: Given, source: SourceKind): void {
  const rows = ROWS.filter((row) => given.has(nameOf(row) as OptionName));
  for (const row of rows) {
    for (const conflict of row.conflicts ?? []) {
      if (isConflict(conflict, parsed, given)) throw new UsageError(conflict.message);
    }
  }
  for (const row of rows) {
    if (row.only === undefined || row.only === source) continue;
    const why = row.only === 'replay' ? 'needs' : 'cannot be used with';
    throw new UsageError(`${longOf(row)} ${why} -r`);
  }
}

type CheckedConflict = NonNullable<CheckedRow['conflicts']>[number];

function isConflict(conflict: CheckedConflict, parsed: ParsedOptions, given: Given): boolean {
  const { with: other, unless } = conflict;
  if (unless !== undefined && given.has(unless)) return false;
  if (conflict.where === undefined) return given.has(other);
  const where = conflict.where as (value: unknown) => boolean;
  return (given.has(other) || HAS_DEFAULT.has(other)) && where(parsed[other]);
}

const HAS_DEFAULT: ReadonlySet<string> = new Set(
  ROWS.filter((row) => row.default !== undefined).map(nameOf),
);
