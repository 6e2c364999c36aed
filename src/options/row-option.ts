/** A row of the option table -> an option as commander has it. */
import { InvalidArgumentError, Option } from 'commander';
import { messageOf } from '../faults.js';
import {
  isNegated,
  type OptionRow,
  type PlainRow,
  termsOf,
  valueNotGiven,
  withTerms,
} from './row.js';

export function optionOf(row: OptionRow): Option {
  const option = plainOptionOf(row);
  const { parse, choices } = row;
  if (choices !== undefined) option.choices(choices);
  if (parse !== undefined) {
    option.argParser<unknown>(row.isRepeatable ? appending(row, parse) : asArgument(parse));
  }
  if (row.withoutArgument !== undefined) option.preset(row.withoutArgument);
  // Of a negated flag commander knows the default itself.
  return isNegated(row) || row.isPaired ? option : option.default(valueNotGiven(row));
}

/** Takes any text. */
export function plainOptionOf(row: PlainRow): Option {
  return new Option(row.flags, withTerms(row.help, termsOf(row)));
}

function appending({ isList }: OptionRow, parse: (text: string) => unknown) {
  const parseOne = asArgument(parse);
  return (text: string, before: unknown) => {
    const texts = isList ? text.split(',') : [text];
    return [...(before as readonly unknown[]), ...texts.map(parseOne)];
  };
}

/** What a parser says becomes what commander says. */
function asArgument(parse: (text: string) => unknown): (text: string) => unknown {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(messageOf(error));
    }
  };
}
