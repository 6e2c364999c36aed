/** What the command line has, read from its definitions: for the manual, completion, and the tests of both. */
import type { Command, Option } from 'commander';
import { RepeatableOption } from '../options/arguments.js';
import { createCommand } from '../options/command.js';
import { type OptionGroup, optionGroups } from '../options/definitions.js';

/** What a shell can complete an argument with. */
export type Completion = 'file' | 'interface' | 'none' | readonly string[];

export interface OutlinedOption {
  /** As it is written: --rate, -s. */
  readonly names: readonly string[];
  /** With its brackets, as <duration>; undefined where there is none. */
  readonly argument: string | undefined;
  readonly description: string;
  /** In words. */
  readonly default: string | undefined;
  readonly completion: Completion;
  readonly isRepeatable: boolean;
}

export interface OutlinedGroup {
  readonly heading: string;
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

const IGNORE = { run() {}, report() {}, doctor() {}, completion() {}, version() {} };

export function outline(): Outline {
  const command = createCommand(IGNORE);
  const groups = optionGroups().map(outlineGroup);
  const others = { heading: 'Others:', options: othersOf(command) };
  return {
    description: command.description(),
    groups: [...groups, others],
    commands: command.commands.map(outlineCommand),
  };
}

function outlineGroup({ heading, options }: OptionGroup): OutlinedGroup {
  return { heading, options: options.map(outlineOption) };
}

function outlineOption(option: Option): OutlinedOption {
  const { short, long, flags, description, defaultValue, defaultValueDescription } = option;
  const shown = defaultValueDescription ?? defaultValue;
  return {
    names: [short, long].filter((name) => name !== undefined),
    argument: option.required ? flags.slice(flags.indexOf('<')) : undefined,
    description,
    default: option.required && shown !== undefined ? String(shown) : undefined,
    completion: completionOf(option),
    isRepeatable: option instanceof RepeatableOption,
  };
}

function completionOf({ flags, argChoices }: Option): Completion {
  if (argChoices) return argChoices;
  if (flags.includes('<file>')) return 'file';
  return flags.includes('--interface') ? 'interface' : 'none';
}

/** --help is commander's, --version beside it. */
function othersOf(command: Command): OutlinedOption[] {
  const known = optionGroups().flatMap(({ options }) => options.map(({ long }) => long));
  const visible = command.createHelp().visibleOptions(command);
  return visible.filter(({ long }) => !known.includes(long)).map(outlineOption);
}

function outlineCommand(command: Command): OutlinedCommand {
  const [argument] = command.registeredArguments;
  const name = argument ? `${argument.name()}${argument.variadic ? '...' : ''}` : '';
  return {
    name: command.name(),
    description: command.description(),
    arguments: argument ? `<${name}>` : '',
    completion: argument?.argChoices ?? (argument ? 'file' : 'none'),
    options: command.options.map(outlineOption),
  };
}
