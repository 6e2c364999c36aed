/** Refuses options that would silently be ignored: repeated ones, those that others contradict, and those before a command. */
import type { Command } from 'commander';
import { UsageError } from '../faults.js';
import { isNegated, longOf, type OptionRow, type PlainRow } from './row.js';

/** An option with a value may be given once unless it is repeatable; a repeated flag changes nothing. */
export function refuseRepeats(command: Command, rows: readonly (PlainRow | OptionRow)[]): void {
  const repeatable = rows.filter((row) => 'isRepeatable' in row).map(longOf);
  for (const option of command.options) {
    if (option.isBoolean() || option.negate || repeatable.includes(option.long ?? '')) continue;
    let before: string | undefined;
    command.on(`option:${option.name()}`, (given: string | null) => {
      const value = given ?? String(option.presetArg);
      if (before !== undefined) throw new UsageError(repeatText(option.name(), before, value));
      before = value;
    });
  }
}

function repeatText(name: string, before: string, value: string): string {
  const values = [before, value].map((text) => JSON.stringify(text)).join(' and ');
  return `--${name} was given twice, as ${values}: it can be given once`;
}

/** A flag and its `--no-`: the last would win. */
export function refuseBoth(command: Command, rows: readonly OptionRow[]): void {
  for (const negated of rows.filter((row) => row.isPaired && isNegated(row))) {
    const pair = [longOf(negated).replace('--no-', '--'), longOf(negated)];
    const given = new Set<string>();
    for (const each of pair) {
      command.on(`option:${each.slice(2)}`, () => {
        given.add(each);
        if (given.size > 1) throw new UsageError(`${pair.join(' and ')} contradict each other`);
      });
    }
  }
}

/** Options before a command belong to a run, and commands ignore them. */
export function refuseBeforeCommands(command: Command): void {
  command.hook('preSubcommand', (_, subcommand) => {
    const given = command.options.find(
      (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
    );
    if (given) throw new UsageError(`${given.long} cannot be used before ${subcommand.name()}`);
  });
}
