/** What is shown, and where. */
import { FORMATS, type FormatName, formatFor } from '../../format/formats.js';
import { DEFAULT_SETTINGS } from '../../sampling/policy.js';
import { durationText } from '../../text/units.js';
import { parseInterval, parseName, parseReportInterval } from '../arguments.js';
import type { OptionRow } from '../row.js';

const NO_LINES_FOR_NAT =
  '--nat adds addresses to lines in the format human, ndjson or csv, and this run prints none of these';
const NO_SUMMARY = '--quiet needs --format human or ndjson: other formats have no summary';
const NO_INTERVALS = '--interval needs --format human, ndjson or csv';

const NO_DATE =
  '--date needs --format human or pping: times in the other formats are since the epoch';

/** Those of the classic pping have lines for RTTs, and for nothing else. */
const isClassic = (format: FormatName | undefined) => format === 'ppviz' || format === 'pping';
const hasNoSummary = (format: FormatName | undefined) => format === 'csv' || isClassic(format);
/** Their times are not for people. */
const isForPrograms = (format: FormatName | undefined) =>
  format === 'ppviz' || format === 'ndjson' || format === 'csv';

export const OUTPUT = [
  {
    flags: '--format <name>',
    help: 'human: lines to read; pping: lines of the classic pping, responder first; ndjson: every field, for jq, databases and pping report; csv: a row per RTT, for spreadsheets; ppviz: the columns of pping -m, for ppviz and gnuplot',
    choices: FORMATS,
    defaultText:
      'human; ndjson if -o names *.ndjson, *.jsonl, *.json or a URL; csv if it names *.csv',
    sets: 'format',
  },
  {
    flags: '-o, --output <file>',
    help: 'append the output to this file; - is standard output; SIGHUP reopens the file; with a URL (https://, http://), send NDJSON in batches',
    parse: parseName,
    completion: 'file',
    sets: 'output',
  },
  {
    flags: '--live',
    help: 'show the worst peers and flows full-screen, instead of printing lines',
    only: 'live',
    sets: 'live',
    conflicts: [
      {
        with: 'output',
        where: (output: string | undefined) => output === '-',
        message: '--live needs standard output for itself; use -o <file> for the lines',
      },
      {
        with: 'stats',
        message: '--live cannot be used with --stats, whose counters it always shows',
      },
      { with: 'quiet', message: '--live cannot be used with --quiet' },
      {
        with: 'format',
        unless: 'output',
        message: '--live prints no lines: --format needs -o <file>',
      },
    ],
  },
  {
    flags: '--who',
    help: 'also show the owner of each connection: container, systemd unit or cgroup, and process',
    only: 'live',
    sets: 'who',
  },
  {
    flags: '--no-container-names',
    help: 'show containers and pods by id; do not look up their names in the files of Docker, containerd, Podman, CRI-O and Kubernetes',
    only: 'live',
    sets: 'containerNames',
  },
  {
    flags: '--nat',
    help: 'also show the addresses before NAT on this host',
    only: 'live',
    sets: 'nat',
    conflicts: [
      { with: 'quiet', message: NO_LINES_FOR_NAT },
      { with: 'live', unless: 'output', message: NO_LINES_FOR_NAT },
      {
        with: 'format',
        where: (format: FormatName | undefined) => format === 'ppviz',
        message: NO_LINES_FOR_NAT,
      },
      { with: 'interval', message: NO_LINES_FOR_NAT },
    ],
  },
  {
    flags: '--resolve',
    help: 'show host names instead of addresses where known, and accept names for --host; this makes pping send DNS queries',
    sets: 'resolve',
  },
  {
    flags: '--interval <duration>',
    help: 'instead of RTTs, print their number and percentiles for each interval of this length; with --format ndjson as objects, with csv as rows',
    parse: parseInterval,
    sets: 'interval',
    conflicts: [
      { with: 'live', message: '--interval cannot be used with --live' },
      { with: 'quiet', message: '--interval cannot be used with --quiet' },
      {
        with: 'format',
        where: isClassic,
        message: NO_INTERVALS,
      },
    ],
  },
  {
    flags: '--by <peer|interface>',
    help: 'with --interval, also print a line for each of the 10 peers or interfaces with the highest p99',
    choices: ['peer', 'interface'],
    sets: 'by',
    conflicts: [{ with: 'by', unless: 'interval', message: '--by needs --interval' }],
  },
  {
    flags: '-q, --quiet',
    help: 'print no RTTs, only the final summary, on standard output or to the file of -o; with --format ndjson as an object',
    sets: 'quiet',
    conflicts: [
      {
        with: 'format',
        where: hasNoSummary,
        message: NO_SUMMARY,
      },
      {
        with: 'output',
        where: (output: string | undefined) => hasNoSummary(formatFor(output)),
        unless: 'format',
        message: NO_SUMMARY,
      },
    ],
  },
  {
    flags: '-v, --verbose',
    help: 'also account for every packet in the summary',
    sets: 'verbose',
  },
  {
    flags: '--report-interval <duration>',
    help: 'minimum time between two reported RTTs of the same flow and direction, at most 60m',
    parse: parseReportInterval,
    default: DEFAULT_SETTINGS.reportInterval,
    sets: 'settings.reportInterval',
    write: (interval: bigint) => (interval > 0n ? durationText(interval) : undefined),
  },
  {
    flags: '--stats <duration>',
    help: 'also print the RTTs so far and what became of every packet, at this interval',
    parse: parseInterval,
    sets: 'statsInterval',
  },
  {
    flags: '--self-cost',
    help: 'also report the CPU time that pping itself uses',
    only: 'live',
    sets: 'selfCost',
  },
  {
    flags: '--date',
    help: 'print the date before each time of day, as tcpdump -tttt does',
    sets: 'date',
    conflicts: [
      {
        with: 'format',
        where: isForPrograms,
        message: NO_DATE,
      },
      {
        with: 'output',
        where: (output: string | undefined) => isForPrograms(formatFor(output)),
        unless: 'format',
        message: NO_DATE,
      },
    ],
  },
  {
    flags: '--no-color',
    help: 'print no colours; same as setting NO_COLOR in the environment',
    sets: 'color',
  },
] as const satisfies readonly OptionRow[];
