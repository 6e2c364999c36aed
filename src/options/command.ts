/** The command as commander knows it: options, subcommands, help. Made of the option table. */
import { Argument, Command, CommanderError, type Help } from 'commander';
import { UsageError } from '../faults.js';
import { print } from '../stdio/print.js';
import type { Given } from './conflicts.js';
import { refuseBeforeCommands, refuseBoth, refuseRepeats } from './repeats.js';
import { longOf } from './row.js';
import { optionOf, plainOptionOf } from './row-option.js';
import type { Shell } from './shells.js';
import {
  COMMANDS,
  type CommandRow,
  GROUPS,
  HELP,
  NUMERIC,
  type OptionName,
  type ParsedOptions,
  ROWS,
  VERSION,
} from './table.js';

/** Every terminal has this many columns. */
const HELP_WIDTH = 80;
const INDENT = '  ';
/** With its text on the same line. */
const LONGEST_EXAMPLE = 44;

export const DESCRIPTION =
  'Passive RTT monitor: watches traffic and reports the round-trip times it sees.';

export const EXAMPLES = [
  ['sudo pping -i eth0', 'print RTTs, sampled every 100 ms'],
  ['sudo pping -i eth0 --interval 2s', 'print percentiles every 2 s'],
  ['sudo pping -i eth0 --live', 'show the worst hosts, full-screen'],
  ['sudo pping -i eth0 --port 443 -q -s 60', 'summarize one minute of HTTPS'],
  ['sudo pping -i eth0 --protocol all -q -s 60', 'summarize TCP, QUIC, pings and DNS'],
  ['sudo pping -i eth0 -o run.ndjson', 'record every field as NDJSON'],
  ['pping report run.ndjson', 'make run.html from a recording'],
  ["sudo pping -i eth0 --until 'p90>50ms/10s'", 'end when the network gets slow'],
  ['pping -r capture.pcap', 'measure a capture, without root'],
  [
    `ssh root@box "tcpdump -U -s 128 -w - 'tcp and not port 22'" | pping -r -`,
    'measure what another host captures, but not this SSH connection',
  ],
] as const;

/** After the examples. */
const CLOSING = `A line: time of day, RTT, the flow's minimum RTT, A > B (A sent, B answered).
Times of day of a capture are UTC.

Exit status: 0 ended as asked, 1 failure, 2 bad usage or input, 10 --until met.

More: man pping. Recipes: /usr/share/doc/pping/docs (package), docs/ (checkout).
`;

/** Exactly one is called: the one for what the arguments ask for. */
export interface Handlers {
  run(parsed: ParsedOptions, given: Given, excess: readonly string[]): void;
  report(
    inputs: readonly string[],
    parsed: { readonly output?: string; readonly interface?: string },
  ): void;
  /** @param capacity of the run that is checked */
  doctor(capacity: Pick<ParsedOptions, 'maxFlows' | 'maxTimestamps'>): void;
  completion(shell: Shell): void;
  /** Nothing else is looked at then. */
  version(): void;
}

export function createCommand(handlers: Handlers): Command {
  const command = new Command('pping')
    .description(DESCRIPTION)
    .usage('[options] -i <interface> [filter]\n       pping [options] -r <capture>... [filter]')
    .helpCommand(false)
    // Of two -o the one behind report is report's.
    .enablePositionalOptions()
    .configureOutput({ writeOut: print, outputError: () => {} })
    .addHelpText('after', examplesText())
    .exitOverride()
    .argument('[excess...]')
    .action((excess: string[]) => handlers.run(command.opts(), givenTo(command), excess));
  command.configureHelp({
    helpWidth: HELP_WIDTH,
    // Choices and defaults are among the words already.
    optionDescription: ({ description }) => description,
    // Only there to be refused in our own words.
    visibleArguments: () => [],
    formatItemList: (heading, items, helper) =>
      items.length === 0 ? [] : [heading, ...briefLines(heading, helper), ...items, ''],
  });
  addOptions(command, handlers);
  for (const row of COMMANDS) addSubcommand(command, row, handlers);
  refuseRepeats(command, ROWS);
  refuseBoth(command, ROWS);
  refuseBeforeCommands(command);
  return command;
}

function addOptions(command: Command, handlers: Handlers): void {
  for (const { heading, rows } of GROUPS) {
    for (const row of rows) command.addOption(optionOf(row).helpGroup(`${heading}:`));
  }
  command
    .optionsGroup('Other options:')
    .addOption(plainOptionOf(NUMERIC).conflicts('resolve'))
    .addOption(plainOptionOf(VERSION))
    .on(`option:${longOf(VERSION).slice(2)}`, () => {
      handlers.version();
      throw new CommanderError(0, 'commander.version', '');
    })
    .addHelpOption(plainOptionOf(HELP));
}

function givenTo(command: Command): Given {
  const given = Object.keys(command.opts()).filter(
    (name) => command.getOptionValueSource(name) === 'cli',
  );
  return new Set(given as OptionName[]);
}

function addSubcommand(command: Command, row: CommandRow, handlers: Handlers): void {
  const subcommand = command.command(row.name).description(row.help);
  for (const each of row.rows) {
    subcommand.addOption('sets' in each ? optionOf(each) : plainOptionOf(each));
  }
  if (row.argument !== undefined) {
    subcommand.addArgument(argumentOf(row.argument, row));
  }
  subcommand.action(ACTIONS[row.name](handlers));
  refuseRepeats(subcommand, row.rows);
}

/** @param text with its brackets */
function argumentOf(text: string, { name, choices }: CommandRow): Argument {
  const argument = new Argument(text);
  if (choices === undefined) return argument;
  return argument.argParser((value: string) => {
    if (choices.includes(value)) return value;
    throw new UsageError(`${name}: unknown ${argument.name()} ${value} (${choices.join(', ')})`);
  });
}

type Action = Parameters<Command['action']>[0];

const ACTIONS: Record<CommandRow['name'], (handlers: Handlers) => Action> = {
  report: (handlers) => (inputs, parsed) => handlers.report(inputs, parsed),
  doctor: (handlers) => (parsed) => handlers.doctor(parsed),
  completion: (handlers) => (shell) => handlers.completion(shell),
};

/** What a group says of itself, below its heading. */
function briefLines(heading: string, helper: Help): string[] {
  const brief = GROUPS.find((group) => `${group.heading}:` === heading)?.brief;
  if (brief === undefined) return [];
  const lines = helper.boxWrap(brief, HELP_WIDTH - INDENT.length).split('\n');
  return lines.map((line) => `${INDENT}${line}`);
}

/** What leaves no room for its text has it on a line of its own. */
function examplesText(): string {
  const widths = EXAMPLES.map(([line]) => line.length);
  const width = Math.max(...widths.filter((each) => each <= LONGEST_EXAMPLE));
  const lines = EXAMPLES.map(([line, text]) =>
    line.length > width
      ? `${INDENT}${line}\n${INDENT.repeat(3)}${text}`
      : `${INDENT}${line.padEnd(width)}  ${text}`,
  );
  return `\nExamples:\n${lines.join('\n')}\n\n${CLOSING}`;
}
