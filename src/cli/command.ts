/** The options as commander knows them, with their help. */
import { Command, Option } from 'commander';
import { FORMATS, type FormatName } from '../format/formats.js';
import { durationText } from '../format/units.js';
import type { LocalPrefix } from '../replay/local.js';
import {
  type Burst,
  DEFAULT_CAPACITY,
  DEFAULT_SETTINGS,
  RTT_TYPES,
  type RttType,
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
import { parsePrefix } from './prefix.js';

const MS = 1_000_000n;
/** A sweep walks both maps: more often would only cost. */
const LEAST_CLEANUP_INTERVAL = 10n * MS;
const EXAMPLES = `
Examples:
  sudo pping -i eth0                        every flow, one sample per 100ms
  sudo pping -i eth0 --rate 1s -c 100       one a second, 100 in all
  sudo pping -i eth0 -o run.ndjson          for jq and other programs
  sudo pping -i eth0 --format ndjson | jq .rtt
  pping -r capture.pcap                     the same of a capture, without root
  ssh box tcpdump -w - tcp | pping -r -     or as it is taken
`;

export interface ParsedOptions {
  readonly interface?: string;
  readonly read?: string;
  readonly local?: readonly LocalPrefix[];
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
  readonly selfCost: boolean;
  readonly count?: number;
  readonly seconds?: bigint;
  readonly attach?: 'auto' | 'tcx' | 'clsact';
}

export function createCommand(version: string): Command {
  const defaults = DEFAULT_SETTINGS;
  return new Command('pping')
    .description(
      'Passive RTT monitor: watches TCP traffic and reports the round-trip times it sees.',
    )
    .version(version, '-V, --version')
    .option('-i, --interface <name>', 'the interface to watch')
    .option('-r, --read <file>', 'replay a pcap or pcapng capture instead; - is standard input')
    .addOption(
      new Option(
        '--local <prefix>',
        'with -r: an address or network on our side; may be repeated',
      ).argParser(collect(asArgument(parsePrefix))),
    )
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
    .option('--self-cost', 'also tell what pping itself costs', false)
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
        'how to attach: TCX links, or clsact filters as on kernels before 6.6 (default: auto)',
      ).choices(['auto', 'tcx', 'clsact']),
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

/** Each time the option is given, one more. */
function collect<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [
    ...before,
    parse(text),
  ];
}

function entriesOption(flags: string, description: string, entries: number): Option {
  return new Option(flags, description).default(entries).argParser(asArgument(parseEntries));
}
