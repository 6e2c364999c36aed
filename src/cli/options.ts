/** The command line -> what is wanted. Knows nothing of how it is done. */
import { extname } from 'node:path';
import { Command, CommanderError, Option } from 'commander';
import { UsageError } from '../faults.js';
import { FORMATS, type FormatName } from '../format/formats.js';
import { durationText } from '../format/units.js';
import {
  type Burst,
  type Capacity,
  conflictIn,
  DEFAULT_CAPACITY,
  DEFAULT_SETTINGS,
  RTT_TYPES,
  type RttType,
  type Settings,
} from '../sampling/policy.js';
import {
  asArgument,
  atLeast,
  durationOption,
  parseBurst,
  parseCount,
  parseEntries,
  parseRttRate,
  positive,
  positiveDurationOption,
} from './arguments.js';
import { parseDuration, parseSeconds } from './duration.js';

export interface Options {
  readonly interface: string;
  readonly settings: Settings;
  readonly capacity: Capacity;
  /** Nanoseconds between two reports of what was counted; undefined for one at the end. */
  readonly statsInterval: bigint | undefined;
  /** Nanoseconds between two sweeps. */
  readonly cleanupInterval: bigint;
  readonly format: FormatName;
  /** Undefined is standard output. */
  readonly output: string | undefined;
  readonly color: boolean;
  /** End after so many samples. */
  readonly count: number | undefined;
  /** End after so many nanoseconds. */
  readonly duration: bigint | undefined;
  /** Undefined takes TCX where there is one, else clsact. */
  readonly attach: 'tcx' | 'clsact' | undefined;
}

const MS = 1_000_000n;
/** A sweep walks both maps: more often would only cost. */
const LEAST_CLEANUP_INTERVAL = 10n * MS;
const EXAMPLES = `
Examples:
  sudo pping -i eth0                        every flow, one sample per 100ms
  sudo pping -i eth0 --rate 1s -c 100       one a second, 100 in all
  sudo pping -i eth0 -o run.ndjson          for jq and other programs
  sudo pping -i eth0 --format ndjson | jq .rtt
`;

/**
 * Parses the arguments (without node and script).
 * @returns undefined when help or version was asked for and has been printed
 */
export function parseOptions(args: readonly string[], version: string): Options | undefined {
  const command = createCommand(version);
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return undefined;
    throw new UsageError(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
  }
  return toOptions(command.opts<ParsedOptions>());
}

interface ParsedOptions {
  readonly interface?: string;
  readonly rate: bigint;
  readonly rttRate: bigint;
  readonly rttType?: RttType;
  readonly burst?: Burst;
  readonly reportInterval: bigint;
  readonly maxFlows: number;
  readonly maxTimestamps: number;
  readonly stats?: bigint;
  readonly includeLocal: boolean;
  readonly handshake: boolean;
  readonly cleanupInterval: bigint;
  readonly flowTimeout: bigint;
  readonly timestampTimeout: bigint;
  readonly format?: FormatName;
  readonly output?: string;
  readonly color: boolean;
  readonly count?: number;
  readonly seconds?: bigint;
  readonly attach: 'auto' | 'tcx' | 'clsact';
}

function createCommand(version: string): Command {
  const defaults = DEFAULT_SETTINGS;
  return new Command('pping')
    .description(
      'Passive RTT monitor: watches TCP traffic and reports the round-trip times it sees.',
    )
    .version(version, '-V, --version')
    .option('-i, --interface <name>', 'the interface to watch')
    .addOption(
      durationOption(
        '--rate <duration>',
        'least time between two samples of one direction of a flow; 0 = off',
      ).default(defaults.rate, durationText(defaults.rate)),
    )
    .addOption(
      new Option(
        '--rtt-rate <factor>',
        'once an RTT is known: that time as its multiple; --rate until then',
      )
        .default(defaults.rttRate, 'off')
        .argParser(asArgument(parseRttRate)),
    )
    .addOption(
      new Option('--rtt-type <type>', 'which RTT of the flow that is (default: min)').choices(
        RTT_TYPES,
      ),
    )
    .addOption(
      new Option(
        '--burst <n>/<duration>',
        'up to n samples at once, within the duration, as 3/4ms',
      ).argParser(asArgument(parseBurst)),
    )
    .addOption(
      durationOption(
        '--report-interval <duration>',
        'least time between two RTTs printed of one direction of a flow',
      ).default(defaults.reportInterval, '0'),
    )
    .option('-l, --include-local', "also measure this machine's own stack and applications", false)
    .option('--no-handshake', 'leave out the RTTs of TCP handshakes')
    .addOption(
      durationOption('--cleanup-interval <duration>', 'time between two sweeps for stale entries')
        .default(1000n * MS, '1s')
        .argParser(asArgument((text) => atLeast(LEAST_CLEANUP_INTERVAL, parseDuration(text)))),
    )
    .addOption(
      positiveDurationOption(
        '--flow-timeout <duration>',
        'forget a flow that was idle for this long',
      ).default(defaults.flowTimeout, durationText(defaults.flowTimeout)),
    )
    .addOption(
      positiveDurationOption(
        '--timestamp-timeout <duration>',
        'forget an unanswered identifier after this',
      ).default(defaults.timestampTimeout, durationText(defaults.timestampTimeout)),
    )
    .addOption(entriesOption('--max-flows <n>', 'room for so many flows', DEFAULT_CAPACITY.flows))
    .addOption(
      entriesOption(
        '--max-timestamps <n>',
        'room for so many unanswered identifiers',
        DEFAULT_CAPACITY.timestamps,
      ),
    )
    .addOption(
      new Option(
        '--format <name>',
        'human, or ndjson (default for -o *.ndjson, *.jsonl, *.json)',
      ).choices(FORMATS),
    )
    .option('-o, --output <file>', 'append to a file instead of standard output')
    .option('--no-color', 'no colours (also: NO_COLOR, or output that is no terminal)')
    .addOption(
      positiveDurationOption(
        '--stats <duration>',
        'also tell at intervals what was counted, not only at the end',
      ),
    )
    .option('-c, --count <n>', 'end after this many RTTs', asArgument(parseCount))
    .addOption(
      new Option(
        '-s, --seconds <duration>',
        'end after this long (a plain number is in seconds)',
      ).argParser(asArgument((text) => positive(parseSeconds(text)))),
    )
    .addOption(
      new Option(
        '--attach <how>',
        'how to attach: TCX links, or clsact filters as on kernels before 6.6',
      )
        .choices(['auto', 'tcx', 'clsact'])
        .default('auto'),
    )
    .addHelpText('after', EXAMPLES)
    .helpOption('-h, --help', 'this text')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: print, outputError: () => {} });
}

/** Help and version. A reader who has seen enough is no fault. */
function print(text: string): void {
  process.stdout.once('error', () => {});
  process.stdout.write(text);
}

function entriesOption(flags: string, description: string, entries: number): Option {
  return new Option(flags, description).default(entries).argParser(asArgument(parseEntries));
}

function toOptions(parsed: ParsedOptions): Options {
  if (parsed.interface === undefined) {
    throw new UsageError('which interface? pping -i <name> (ip link shows them)');
  }
  return {
    interface: parsed.interface,
    settings: toSettings(parsed),
    capacity: { flows: parsed.maxFlows, timestamps: parsed.maxTimestamps },
    statsInterval: parsed.stats,
    cleanupInterval: parsed.cleanupInterval,
    format: parsed.format ?? formatFor(parsed.output),
    output: parsed.output,
    color: parsed.color,
    count: parsed.count,
    duration: parsed.seconds,
    attach: parsed.attach === 'auto' ? undefined : parsed.attach,
  };
}

function toSettings(parsed: ParsedOptions): Settings {
  const { rate, rttRate, rttType = DEFAULT_SETTINGS.rttType, burst, reportInterval } = parsed;
  const { flowTimeout, timestampTimeout, handshake, includeLocal } = parsed;
  const sampling = { rate, rttRate, rttType, burst, reportInterval };
  const others = { flowTimeout, timestampTimeout, handshake, includeLocal };
  const settings = { ...DEFAULT_SETTINGS, ...sampling, ...others };
  if (parsed.rttType !== undefined && rttRate === 0n) {
    throw new UsageError('--rtt-type means nothing without --rtt-rate');
  }
  const conflict = conflictIn(settings);
  if (conflict !== undefined) throw new UsageError(conflict);
  return settings;
}

function formatFor(output: string | undefined): FormatName {
  const extension = output === undefined ? '' : extname(output);
  return ['.ndjson', '.jsonl', '.json'].includes(extension) ? 'ndjson' : 'human';
}
