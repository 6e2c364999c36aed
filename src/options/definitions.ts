/**
 * Every option, in the groups that help, the manual and completion show it in: the one place that
 * knows names, arguments, defaults and words.
 */
import { Option } from 'commander';
import { FORMAT_TEXTS, FORMATS } from '../format/formats.js';
import { DEFAULT_CAPACITY, DEFAULT_SETTINGS, RTT_TYPES } from '../sampling/policy.js';
import { durationText } from '../text/units.js';
import {
  asArgument,
  atLeast,
  durationOption,
  parseBurst,
  parseCount,
  parseEntries,
  parseName,
  parsePid,
  parseRttRate,
  positive,
  positiveDurationOption,
  RepeatableOption,
} from './arguments.js';
import { parseCondition } from './condition.js';
import { parseDuration, parseSeconds } from './duration.js';
import { parsePorts } from './ports.js';
import { parseAddress, parseNetwork, parsePrefix } from './prefix.js';

export interface OptionGroup {
  readonly heading: string;
  readonly options: readonly Option[];
}

const MS = 1_000_000n;
/** A sweep walks both maps: more often would only cost. */
const LEAST_CLEANUP_INTERVAL = 10n * MS;

/** Of the command itself; new ones each time. */
export function optionGroups(): readonly OptionGroup[] {
  return [
    { heading: 'What to watch:', options: sourceOptions() },
    { heading: 'Which connections (at either end; repeat for more):', options: filterOptions() },
    { heading: 'How often:', options: samplingOptions() },
    { heading: 'What is shown:', options: outputOptions() },
    { heading: 'When it ends:', options: endOptions() },
    { heading: 'Housekeeping:', options: housekeepingOptions() },
  ];
}

function sourceOptions(): Option[] {
  return [
    new Option('-i, --interface <name>', 'the interface to watch'),
    new Option('-r, --read <file>', 'replay a pcap or pcapng capture instead; - is standard input'),
    new RepeatableOption(
      '--local <prefix>',
      'with -r: an address or network on our side; may be repeated',
      parsePrefix,
    ),
    durationOption(
      '--reorder <duration>',
      'with -r: put packets right that are out of order by up to this; 0 takes them as they come (default: 50ms)',
    ),
    new Option(
      '-l, --include-local',
      'also measure this machine: its stack, and applications that answer at once',
    ),
    new Option(
      '--attach <how>',
      'tcx links, clsact filters as on kernels before 6.6, or auto (the default)',
    ).choices(['auto', 'tcx', 'clsact']),
    new Option(
      '--user <name>',
      'started as root: go on as this user once all is open, with what watching takes and no more',
    ).argParser(asArgument(parseName)),
  ];
}

function filterOptions(): Option[] {
  const of = (name: string, argument: string, text: string, parse: (text: string) => unknown) => [
    new RepeatableOption(`--${name} <${argument}>`, text, parse),
    new RepeatableOption(`--exclude-${name} <${argument}>`, 'leave these out', parse),
  ];
  return [
    ...of('host', 'address', 'only connections with this address', parseAddress),
    ...of('net', 'prefix', 'or with one in this network', parseNetwork),
    ...of('port', 'n[-m]', 'and only with this port, or one in this range', parsePorts),
    new RepeatableOption(
      '--cgroup <path>',
      'and only of processes in this cgroup or below it, as /system.slice/nginx.service',
      parseName,
    ),
    new RepeatableOption(
      '--container <id>',
      'or in this container; the beginning of its id will do',
      parseName,
    ),
    new RepeatableOption('--pid <n>', 'and only of this process', parsePid),
  ];
}

function samplingOptions(): Option[] {
  const { rate, rttRate } = DEFAULT_SETTINGS;
  return [
    durationOption(
      '--rate <duration>',
      'least time between two samples of one direction of a flow; 0 = off',
    ).default(rate, durationText(rate)),
    new Option(
      '--rtt-rate <factor>',
      'once an RTT is known: that time as its multiple; --rate until then',
    )
      .default(rttRate, 'off')
      .argParser(asArgument(parseRttRate)),
    new Option(
      '--rtt-type <type>',
      'which RTT of the flow that is: min (the default), or smoothed',
    ).choices(RTT_TYPES),
    new Option(
      '--burst <n>/<duration>',
      'up to n samples at once, within the duration, as 3/4ms',
    ).argParser(asArgument(parseBurst)),
    new Option('--no-handshake', 'leave out the RTTs of TCP handshakes'),
  ];
}

function outputOptions(): Option[] {
  const { reportInterval } = DEFAULT_SETTINGS;
  return [
    new Option('--format <name>', FORMAT_TEXTS).choices(FORMATS),
    new Option(
      '-o, --output <file>',
      'append to a file instead of standard output (-); SIGHUP opens it anew',
    ),
    new Option('--live', 'a view of the whole screen instead of lines: worst peers and flows'),
    new Option(
      '--who',
      'also whose each connection is: container, unit or cgroup, and process; in lines and fields, the summary and --live',
    ),
    new Option('--nat', 'also the addresses from before this machine translated them'),
    new Option(
      '-q, --quiet',
      'no RTTs: only the summary at the end, and warnings; with --format ndjson, its object',
    ),
    durationOption(
      '--report-interval <duration>',
      'least time between two RTTs printed of one direction of a flow',
    ).default(reportInterval, '0'),
    positiveDurationOption(
      '--stats <duration>',
      'also tell at intervals what was counted, not only at the end',
    ),
    new Option('--self-cost', 'also tell what pping itself costs'),
    new Option('--no-color', 'no colours (also: NO_COLOR, or output that is no terminal)'),
  ];
}

function endOptions(): Option[] {
  return [
    new Option('-c, --count <n>', 'end after this many RTTs').argParser(asArgument(parseCount)),
    new Option(
      '-s, --seconds <duration>',
      'end after this long (a plain number is in seconds)',
    ).argParser(asArgument((text) => positive(parseSeconds(text)))),
    new RepeatableOption(
      '--until <condition>',
      "end with exit code 10 when it comes true of 20 RTTs or more: 'p99>50ms' or, of the last 10 s only, 'p99>50ms/10s'; of p50 p90 p99 min median max, samples, loss; may be repeated",
      parseCondition,
    ),
  ];
}

function housekeepingOptions(): Option[] {
  const { flowTimeout, timestampTimeout } = DEFAULT_SETTINGS;
  return [
    positiveDurationOption(
      '--flow-timeout <duration>',
      'forget a flow that was idle for this long',
    ).default(flowTimeout, durationText(flowTimeout)),
    positiveDurationOption(
      '--timestamp-timeout <duration>',
      'forget an unanswered identifier after this',
    ).default(timestampTimeout, durationText(timestampTimeout)),
    durationOption('--cleanup-interval <duration>', 'time between two sweeps for stale entries')
      .default(1000n * MS, '1s')
      .argParser(asArgument((text) => atLeast(LEAST_CLEANUP_INTERVAL, parseDuration(text)))),
    ...capacityOptions(),
  ];
}

/** Of a run, and of what it would take. */
export function capacityOptions(): Option[] {
  return [
    entriesOption('--max-flows <n>', 'room for so many flows', DEFAULT_CAPACITY.flows),
    entriesOption(
      '--max-timestamps <n>',
      'room for so many unanswered identifiers beyond one per flow and direction',
      DEFAULT_CAPACITY.timestamps,
    ),
  ];
}

function entriesOption(flags: string, description: string, entries: number): Option {
  return new Option(flags, description).default(entries).argParser(asArgument(parseEntries));
}
