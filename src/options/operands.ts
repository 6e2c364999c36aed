/** Words that belong to no option: captures, as a shell expands `-r *.pcap`, and then a filter. */
import { statSync } from 'node:fs';
import { UsageError } from '../faults.js';
import { interfaceNames } from '../interface-names.js';
import type { Filter } from '../sampling/filter.js';
import { isOneTypoFrom } from '../text/typo.js';
import { both, clausesOf, filterOf } from './clauses.js';
import { beginsFilter, parseFilterWords } from './filter-words.js';
import type { AddressesOf } from './hosts.js';
import { ofProtocols, refusePortless } from './protocol-clauses.js';
import { namesOf } from './row.js';
import { COMMANDS, ROWS } from './table.js';

export interface Operands {
  readonly captures: readonly string[];
  readonly filter: readonly string[];
}

/** @param isReplay then a file is a capture, whatever its name */
export function operandsIn(words: readonly string[], isReplay: boolean): Operands {
  const at = words.findIndex((word) => beginsFilter(word) && !(isReplay && isFile(word)));
  const captures = at < 0 ? words : words.slice(0, at);
  return { captures, filter: words.slice(captures.length) };
}

/** A filter that follows an option whose argument may be left out is not that argument. */
export function withArguments(args: readonly string[]): readonly string[] {
  return args.map((arg, at) => {
    const next = args[at + 1];
    const argument = ARGUMENTS_LEFT_OUT.get(arg);
    return argument !== undefined && next !== undefined && beginsFilter(next)
      ? `${arg}=${argument}`
      : arg;
  });
}

const ARGUMENTS_LEFT_OUT: ReadonlyMap<string, string> = new Map(
  ROWS.flatMap((row) =>
    row.withoutArgument === undefined
      ? []
      : namesOf(row).map((name) => [name, row.withoutArgument ?? ''] as const),
  ),
);

/** What options and words leave over. Throws a UsageError where no filter expresses that, or nothing fits it. */
export function narrowed(
  filter: Filter,
  words: readonly string[],
  addressesOf?: AddressesOf,
): Filter {
  const narrow = words.length === 0 ? filter : byWords(filter, words, addressesOf);
  refusePortless(narrow);
  return narrow;
}

function byWords(filter: Filter, words: readonly string[], addressesOf?: AddressesOf): Filter {
  const all = both(clausesOf(filter), parseFilterWords(words, addressesOf));
  const { protocols, clauses } = ofProtocols(all, filter.protocols);
  return { ...filter, protocols, ...filterOf(clauses) };
}

/** Throws a UsageError that says what may have been meant. */
export function refuseWithoutSource([word]: readonly string[]): void {
  if (word === undefined) return;
  const question = `what is ${JSON.stringify(word)}?`;
  if (interfaceNames().includes(word)) throw new UsageError(`${question} Did you mean -i ${word}?`);
  if (isFile(word)) throw new UsageError(`${question} Did you mean -r ${word}?`);
  const command = ['help', ...COMMANDS.map(({ name }) => name)].find((name) =>
    isOneTypoFrom(word, name),
  );
  if (command !== undefined) throw new UsageError(`${question} Did you mean ${command}?`);
  throw new UsageError(`${question} For an interface: -i <name>; for a capture: -r <file>`);
}

/** With an interface there is no other source. Throws a UsageError. */
export function refuseBesideInterface([word]: readonly string[]): void {
  if (word === undefined) return;
  throw new UsageError(
    `what is ${JSON.stringify(word)}? Only a filter may follow the options, such as: host 192.0.2.1 and port 443`,
  );
}

/** Also a pipe or a device, but no directory. */
function isFile(path: string): boolean {
  try {
    return !statSync(path).isDirectory();
  } catch {
    return false; // not there, or not ours to look at
  }
}
