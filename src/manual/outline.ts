/** What the command line has, read from the option table: for the manual, completion, and the tests of both. */
import { DESCRIPTION } from '../options/command.js';
import {
  argumentOf,
  defaultTextOf,
  namesOf,
  type OptionRow,
  type PlainRow,
  termsOf,
} from '../options/row.js';
import { COMMANDS, type CommandRow, GROUPS, HELP, NUMERIC, VERSION } from '../options/table.js';

/** What a shell can complete an argument with. */
export type Completion = 'file' | 'interface' | 'netns' | 'none' | readonly string[];

export interface OutlinedOption {
  /** As it is written: --rate, -s. */
  readonly names: readonly string[];
  /** With its brackets, as <duration>, or [address:port] where it may be left out; undefined where there is none. */
  readonly argument: string | undefined;
  readonly description: string;
  /** In words; undefined where there is none. */
  readonly default: string | undefined;
  /** In words: with which source, repeatable, default. */
  readonly terms: readonly string[];
  readonly completion: Completion;
  readonly isRepeatable: boolean;
}

export interface OutlinedGroup {
  readonly heading: string;
  readonly note?: string | undefined;
  readonly options: readonly OutlinedOption[];
}

export interface OutlinedCommand {
  readonly name: string;
  readonly description: string;
  readonly arguments: string;
  readonly completion: Completion;
  readonly options: readonly OutlinedOption[];
}

export interface Outline {
  readonly description: string;
  readonly groups: readonly OutlinedGroup[];
  readonly commands: readonly OutlinedCommand[];
}

export function outline(): Outline {
  const groups = [...GROUPS, { heading: 'Other options', rows: [NUMERIC, VERSION, HELP] }];
  return {
    description: DESCRIPTION,
    groups: groups.map(outlineGroup),
    commands: COMMANDS.map(outlineCommand),
  };
}

interface Group {
  readonly heading: string;
  readonly note?: string;
  readonly rows: readonly (PlainRow | OptionRow)[];
}

/** Where it may be left out, nothing is offered for it: what follows may be something else. */
export function takesArgument({ argument }: OutlinedOption): boolean {
  return argument?.startsWith('<') ?? false;
}

function outlineGroup({ heading, note, rows }: Group): OutlinedGroup {
  return { heading, note, options: rows.map(outlineOption) };
}

function outlineOption(row: PlainRow & Partial<OptionRow>): OutlinedOption {
  return {
    names: namesOf(row),
    argument: argumentOf(row),
    description: row.help,
    default: defaultTextOf(row),
    terms: termsOf(row),
    completion: row.choices ?? row.completion ?? 'none',
    isRepeatable: row.isRepeatable ?? false,
  };
}

function outlineCommand(command: CommandRow): OutlinedCommand {
  const { name, help, argument = '', choices, completion = 'none', rows } = command;
  return {
    name,
    description: help,
    arguments: argument,
    completion: choices ?? completion,
    options: rows.map(outlineOption),
  };
}
