/** A row of the option table -> an option as commander has it. */
import { Option } from 'commander';
import { messageOf } from '../faults.js';
import { refusedValue } from './refusals.js';
import {
  isNegated,
  longOf,
  type OptionRow,
  type PlainRow,
  termsOf,
  valueNotGiven,
  withTerms,
} from './row.js';

export function optionOf(row: OptionRow): Option {
  const option = plainOptionOf(row);
  const parse = parserOf(row);
  if (parse !== undefined) {
    option.argParser<unknown>(row.isRepeatable ? appending(row, parse) : parse);
  }
  if (row.withoutArgument !== undefined) option.preset(row.withoutArgument);
  // Of a negated flag commander knows the default itself.
  return isNegated(row) || row.isPaired ? option : option.default(valueNotGiven(row));
}

/** Takes any text. */
export function plainOptionOf(row: PlainRow): Option {
  return new Option(row.flags, withTerms(row.help, termsOf(row)));
}

type Parse = (text: string) => unknown;

/** Throws a UsageError. Undefined where any text is a value. */
function parserOf(row: OptionRow): Parse | undefined {
  const { parse, choices } = row;
  const parseOne = choices === undefined ? parse : (text: string) => choiceOf(choices, text);
  return (
    parseOne &&
    ((text) => {
      try {
        return parseOne(text);
      } catch (error) {
        throw refusedValue(longOf(row), text, messageOf(error));
      }
    })
  );
}

/** Throws an Error that says which there are. */
function choiceOf(choices: readonly string[], text: string): string {
  if (choices.includes(text)) return text;
  throw new Error(`must be one of ${choices.join(', ')}`);
}

function appending({ isList }: OptionRow, parseOne: Parse) {
  return (text: string, before: unknown) => {
    const texts = isList ? text.split(',') : [text];
    return [...(before as readonly unknown[]), ...texts.map(parseOne)];
  };
}
