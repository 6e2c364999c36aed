/** What is wrong with a command line, in one line: all refusals have the same form, whoever finds them. */
import type { CommanderError } from 'commander';
import { UsageError } from '../faults.js';
import { count } from '../text/units.js';
import { COMMANDS } from './table.js';

/**
 * `--count '0': must be a whole number, at least 1`. A reason that quotes the value has it already.
 * @param name of the option, or the word of a filter
 */
export function refusedValue(name: string, value: string, reason: string): UsageError {
  const isQuoted = reason.includes(JSON.stringify(value));
  return new UsageError(isQuoted ? `${name}: ${reason}` : `${name} '${value}': ${reason}`);
}

/** What the option parser has found, in our words. */
export function refusalOf({ code, message }: CommanderError): UsageError {
  const text = message.replace(/^error: /, '').replaceAll('\n', ' ');
  const { pattern, reworded } = REFUSALS[code] ?? {};
  const [, ...parts] = pattern?.exec(text) ?? [];
  return new UsageError(parts.length > 0 && reworded ? reworded(...parts) : text);
}

interface Refusal {
  readonly pattern: RegExp;
  /** @param parts that the pattern has caught */
  readonly reworded: (...parts: string[]) => string;
}

const REFUSALS: Readonly<Record<string, Refusal>> = {
  'commander.unknownOption': {
    pattern: /^unknown option '(.*?)'(?: \(Did you mean (.*)\?\))?$/,
    reworded: (option, similar) =>
      `unknown option ${option}; ${similar === undefined ? 'see --help' : `did you mean ${similar}?`}`,
  },
  'commander.optionMissingArgument': {
    pattern: /^option '.*(--.*)' argument missing$/,
    reworded: (option) => `missing value: ${option}`,
  },
  'commander.conflictingOption': {
    pattern: /^option '.*?(--[\w-]+).*' cannot be used with option '.*?(--[\w-]+).*'$/,
    reworded: (option, other) => `${option} cannot be used with ${other}`,
  },
  'commander.missingArgument': {
    pattern: /^missing required argument '(.*)'$/,
    reworded: (argument = '') => {
      const row = COMMANDS.find((each) => each.argument?.includes(argument));
      return `${row?.name}: ${row?.question}`;
    },
  },
  'commander.excessArguments': {
    pattern: /^too many arguments for '(.*)'\. Expected (\d+) .* but got (\d+)/,
    reworded: (command, expected, given) =>
      expected === '0'
        ? `${command} takes no arguments`
        : `${command} takes ${count(Number(expected), 'argument')}, not ${given}`,
  },
};
