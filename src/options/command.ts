/** The command as commander knows it: options, subcommands, help. */
import { Argument, Command, CommanderError, type Option } from 'commander';
import type { FormatName } from '../format/formats.js';
import type { PortRange } from '../sampling/filter.js';
import type { Burst, RttType } from '../sampling/policy.js';
import type { Prefix } from '../sampling/prefix.js';
import { print } from '../stdio/print.js';
import type { Condition } from '../summary/condition.js';
import { capacityOptions, optionGroups } from './definitions.js';
import { refuseBeforeCommands, refuseRepeats } from './repeats.js';

/** Terminals have at least so many columns. */
const HELP_WIDTH = 80;
export const SHELLS = ['bash', 'zsh'] as const;
export type Shell = (typeof SHELLS)[number];

export const EXAMPLES = [
  ['sudo pping -i eth0', 'every flow, one sample per 100ms'],
  ['sudo pping -i eth0 --live', 'the worst hosts, in full screen'],
  ['sudo pping -i eth0 --port 443 -q -s 60', 'a summary of one minute of HTTPS'],
  ['sudo pping -i eth0 -o run.ndjson', 'for jq and other programs'],
  ['pping report run.ndjson', 'and for a browser: run.html'],
  ["sudo pping -i eth0 --until 'p99>50ms/10s'", 'wait until it gets slow'],
  ['pping -r capture.pcap', 'the same of a capture, without root'],
  ['ssh box tcpdump -w - tcp | pping -r -', 'or as it is taken'],
] as const;

export interface ParsedOptions {
  readonly interface?: string;
  readonly read?: string;
  readonly local?: readonly Prefix[];
  readonly reorder?: bigint;
  readonly host?: readonly Prefix[];
  readonly net?: readonly Prefix[];
  readonly port?: readonly PortRange[];
  readonly excludeHost?: readonly Prefix[];
  readonly excludeNet?: readonly Prefix[];
  readonly excludePort?: readonly PortRange[];
  readonly cgroup?: readonly string[];
  readonly container?: readonly string[];
  readonly pid?: readonly number[];
  readonly rate: bigint;
  readonly rttRate: bigint;
  readonly rttType?: RttType;
  readonly burst?: Burst;
  readonly reportInterval: bigint;
  readonly maxFlows: number;
  readonly maxTimestamps: number;
  readonly stats?: bigint;
  readonly includeLocal?: boolean;
  readonly handshake: boolean;
  readonly cleanupInterval: bigint;
  readonly flowTimeout: bigint;
  readonly timestampTimeout: bigint;
  readonly format?: FormatName;
  readonly output?: string;
  readonly live?: boolean;
  readonly who?: boolean;
  readonly nat?: boolean;
  readonly quiet?: boolean;
  readonly color: boolean;
  readonly selfCost?: boolean;
  readonly count?: number;
  readonly seconds?: bigint;
  readonly until?: readonly Condition[];
  readonly attach?: 'auto' | 'tcx' | 'clsact';
  readonly user?: string;
}

/** Which of them is called says what is wanted. */
export interface Handlers {
  run(parsed: ParsedOptions, excess: readonly string[]): void;
  report(inputs: readonly string[], parsed: { readonly output?: string }): void;
  /** @param capacity that a run would have */
  doctor(capacity: { readonly maxFlows: number; readonly maxTimestamps: number }): void;
  completion(shell: Shell): void;
  /** Nothing else is looked at then. */
  version(): void;
}

export function createCommand(handlers: Handlers): Command {
  const command = new Command('pping')
    .description(
      'Passive RTT monitor: watches TCP traffic and reports the round-trip times it sees.',
    )
    .usage('[options] -i <interface>\n       pping [options] -r <capture>')
    .helpCommand(false)
    // Of two -o the one behind report is report's.
    .enablePositionalOptions()
    .configureOutput({ writeOut: print, outputError: () => {} })
    .addHelpText('after', examplesText())
    .exitOverride()
    .argument('[excess...]')
    .action((excess: string[]) => handlers.run(command.opts<ParsedOptions>(), excess));
  command.configureHelp({
    helpWidth: HELP_WIDTH,
    optionDescription,
    // Only there to be refused in our own words.
    visibleArguments: () => [],
  });
  for (const { heading, options } of optionGroups()) {
    for (const option of options) command.addOption(option.helpGroup(heading));
  }
  command
    .optionsGroup('Others:')
    .option('-V, --version', 'the version, and what it runs with')
    .on('option:version', () => {
      handlers.version();
      throw new CommanderError(0, 'commander.version', '');
    })
    .helpOption('-h, --help', 'this text');
  addSubcommands(command, handlers);
  for (const each of [command, ...command.commands]) refuseRepeats(each);
  refuseBeforeCommands(command);
  return command;
}

/** Choices are among the words already. */
function optionDescription({ description, defaultValue, defaultValueDescription }: Option): string {
  const shown = defaultValueDescription ?? defaultValue;
  if (shown === undefined || typeof shown === 'boolean') return description;
  return `${description} (default: ${shown})`;
}

function addSubcommands(command: Command, handlers: Handlers): void {
  command
    .command('report')
    .description('make a web page of recorded runs')
    .argument('<run.ndjson...>', 'what pping -o has written, also compressed; - is standard input')
    .option(
      '-o, --output <file>',
      'the page, - for standard output (default: beside the first run, as .html)',
    )
    .action((inputs: string[], parsed: { output?: string }) => handlers.report(inputs, parsed));
  const doctor = command
    .command('doctor')
    .description('check whether this machine has what -i needs')
    .action((parsed) => handlers.doctor(parsed));
  for (const option of capacityOptions()) doctor.addOption(option);
  command
    .command('completion')
    .description('print what makes a shell complete the options')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .action((shell: Shell) => handlers.completion(shell));
}

function examplesText(): string {
  const width = Math.max(...EXAMPLES.map(([line]) => line.length));
  const lines = EXAMPLES.map(([line, text]) => `  ${line.padEnd(width)}  ${text}`);
  return `\nExamples:\n${lines.join('\n')}\n\nThe manual: man pping; docs/ has recipes.\n`;
}
