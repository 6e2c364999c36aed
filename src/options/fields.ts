/** Parsed options -> what a run is to do, each value at the place that its row names. */
import { nameOf, type SourceKind } from './row.js';
import { type Fields, type OptionName, type ParsedOptions, ROWS } from './table.js';

type Tree = { [key: string]: unknown };

export function fieldsOf<Source extends SourceKind>(
  source: Source,
  parsed: ParsedOptions,
): Fields<Source> {
  const fields: Tree = {};
  for (const row of ROWS) {
    if (row.only !== undefined && row.only !== source) continue;
    put(fields, row.sets.split('.'), parsed[nameOf(row) as OptionName]);
  }
  return fields as Fields<Source>;
}

/** Values of repeatable options with the same place come one after the other. */
function put(tree: Tree, [key = '', ...rest]: readonly string[], value: unknown): void {
  const before = tree[key];
  if (rest.length > 0) {
    const below = (before ?? {}) as Tree;
    tree[key] = below;
    put(below, rest, value);
  } else {
    tree[key] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  }
}
