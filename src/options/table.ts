/**
 * The option table: the one place that knows names, arguments, defaults, words and conflicts.
 * Parsing, help, the manual, completion, docs/options.md and the line of settings follow from it.
 */
import type { ConflictIn, FieldsBy, ParsedBy } from './derived.js';
import { FILTER_WORDS } from './protocols.js';
import type { OptionRow, PlainRow, SourceKind } from './row.js';
import { SHELLS } from './shells.js';
import { AGGREGATES } from './table/aggregates.js';
import { CONNECTIONS } from './table/connections.js';
import { END, END_NOTE } from './table/end.js';
import { HOUSEKEEPING } from './table/housekeeping.js';
import { METRICS } from './table/metrics.js';
import { OUTPUT } from './table/output.js';
import { PRIVACY } from './table/privacy.js';
import { SAMPLING } from './table/sampling.js';
import { SOURCE } from './table/source.js';
import { UPLOAD } from './table/upload.js';

type Row = (
  | typeof SOURCE
  | typeof CONNECTIONS
  | typeof SAMPLING
  | typeof OUTPUT
  | typeof PRIVACY
  | typeof METRICS
  | typeof AGGREGATES
  | typeof UPLOAD
  | typeof END
  | typeof HOUSEKEEPING
)[number];

/** Every option of a run, parsed. */
export type ParsedOptions = ParsedBy<Row>;
export type OptionName = keyof ParsedOptions;
/** The same, each value at its place in what a run is to do. */
export type Fields<Source extends SourceKind> = FieldsBy<Row, Source>;

/** A conflict with an option that does not exist, or not with such values, does not compile. */
export type CheckedRow = OptionRow & { readonly conflicts?: readonly ConflictIn<ParsedOptions>[] };

export interface OptionGroup {
  readonly heading: string;
  /** What holds for the group as a whole: in the manual and docs/options.md. */
  readonly note?: string;
  /** The same in --help. */
  readonly brief?: string;
  readonly rows: readonly CheckedRow[];
}

export const GROUPS: readonly OptionGroup[] = [
  { heading: 'What to watch', rows: SOURCE },
  {
    heading: 'Which connections',
    note: `A connection matches if either of its ends has one of the given hosts or networks and, if ports are given, either end has one of the ports. What is excluded is left out even if it matches. If cgroups or containers are given, the connection must belong to one of them; if processes are given, to one of those. A filter may also follow the options, with a subset of tcpdump's words: "port 443 and net 10.0.0.0/8 and not host 10.0.0.9". The words are ${FILTER_WORDS}. Either end matches; there is no src or dst. As in tcpdump, "and" and "or" have the same precedence. Without --protocol, the protocols that the filter names are measured. A filter can express what the options can: hosts or networks, ports, protocols, and exclusions.`,
    brief: `[filter]: ${FILTER_WORDS}. Either end matches; there is no src or dst.`,
    rows: CONNECTIONS,
  },
  { heading: 'How often to sample', rows: SAMPLING },
  { heading: 'What to show', rows: OUTPUT },
  { heading: 'Privacy and labels', rows: PRIVACY },
  { heading: 'Metrics', rows: METRICS },
  { heading: 'Counting in the kernel', rows: AGGREGATES },
  { heading: 'Sending by HTTP', rows: UPLOAD },
  { heading: 'When to end', note: END_NOTE, rows: END },
  { heading: 'Memory and clean-up', rows: HOUSEKEEPING },
];

export const ROWS: readonly CheckedRow[] = GROUPS.flatMap(({ rows }) => rows);

export const VERSION: PlainRow = {
  flags: '-V, --version',
  help: 'print the versions of pping, Node, libbpf and the kernel',
};
/** Out of habit. */
export const NUMERIC: PlainRow = {
  flags: '-n, --numeric',
  help: 'accepted for tcpdump habits, and the default: names are only looked up with --resolve',
};
export const HELP: PlainRow = { flags: '-h, --help', help: 'print this help' };

export interface CommandRow {
  readonly name: 'report' | 'doctor' | 'completion';
  readonly help: string;
  /** With its brackets; undefined where there is none. */
  readonly argument?: string;
  /** For whoever leaves it out. */
  readonly question?: string;
  readonly choices?: readonly string[];
  readonly completion?: 'file';
  readonly rows: readonly (PlainRow | OptionRow)[];
}

export const COMMANDS: readonly CommandRow[] = [
  {
    name: 'report',
    help: 'make a web page from runs recorded with pping -o; - is standard input',
    argument: '<run.ndjson...>',
    question: 'which recording? pping report run.ndjson',
    completion: 'file',
    rows: [
      {
        flags: '-o, --output <file>',
        help: 'write the page to this file; - is standard output',
        defaultText: 'the name of the first run, with .html',
        completion: 'file',
      },
      {
        flags: '-i, --interface <name>',
        help: 'show only this interface',
        defaultText: 'all, with a choice on the page',
      },
    ],
  },
  {
    name: 'doctor',
    help: 'check whether this host has what live capture (-i) needs',
    rows: ROWS.flatMap((row) =>
      row.commands?.doctor ? [{ ...row, help: row.commands.doctor }] : [],
    ),
  },
  {
    name: 'completion',
    help: 'print the completion script for bash, zsh or fish',
    argument: '<shell>',
    question: 'which shell? pping completion bash',
    choices: SHELLS,
    rows: [],
  },
];
