/** What is shown, and where. */
import { FORMATS, type FormatName, formatFor } from '../../format/formats.js';
import { DEFAULT_SETTINGS } from '../../sampling/policy.js';
import { durationText } from '../../text/units.js';
import { parseInterval, parseReportInterval } from '../arguments.js';
import type { OptionRow } from '../row.js';

const NO_LINES_FOR_NAT =
  '--nat adds addresses to lines in the format human, ndjson or csv, and this run prints none';
const NO_SUMMARY = '--quiet prints no RTTs: the summary is written in the format human or ndjson';
const NO_INTERVALS = '--interval has lines in the format human, ndjson or csv';

const NO_DATE = '--date is for lines to read: times in ndjson, csv and ppviz are since the epoch';

/** Those of the classic pping have lines for RTTs, and for nothing else. */
const isClassic = (format: FormatName | undefined) => format === 'ppviz' || format === 'pping';
const hasNoSummary = (format: FormatName | undefined) => format === 'csv' || isClassic(format);
/** Their times are not for people. */
const isForPrograms = (format: FormatName | undefined) =>
  format === 'ppviz' || format === 'ndjson' || format === 'csv';

export const OUTPUT = [
  {
    flags: '--format <name>',
    help: 'human: lines to read; pping: lines of the classic pping, the responder first; ndjson: every field, for jq, databases and pping report; csv: a row for each RTT, for spreadsheets; ppviz: the columns of pping -m, for ppviz and gnuplot',
    choices: FORMATS,
    defaultText:
      'human; ndjson if -o names *.ndjson, *.jsonl, *.json or a URL; csv if it names *.csv',
    sets: 'format',
  },
  {
    flags: '-o, --output <file>',
    help: 'append the output to this file; - is standard output; SIGHUP reopens the file; a URL (https://, http://) is sent NDJSON in batches instead',
    completion: 'file',
    sets: 'output',
  },
  {
    flags: '--live',
    help: 'show the worst peers and flows in full screen instead of lines',
    only: 'live',
    sets: 'live',
    conflicts: [
      {
        with: 'output',
        where: (output: string | undefined) => output === '-',
        message: '--live needs standard output for itself: -o <file> writes the lines to a file',
      },
      { with: 'stats', message: '--live always shows what --stats would print' },
      { with: 'quiet', message: '--live and --quiet do not go together' },
      {
        with: 'format',
        unless: 'output',
        message: '--live prints no lines: --format means nothing with it, except with -o <file>',
      },
    ],
  },
  {
    flags: '--who',
    help: 'also show whose each connection is: container, unit or cgroup, and process',
    only: 'live',
    sets: 'who',
  },
  {
    flags: '--no-container-names',
    help: 'show containers and pods by their ids: do not look for their names in the files of Docker, containerd, Podman, CRI-O and Kubernetes',
    only: 'live',
    sets: 'containerNames',
  },
  {
    flags: '--nat',
    help: 'also show addresses as they were before NAT on this machine',
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
    help: 'show names of hosts instead of addresses where these are known, and take names for --host; pping sends DNS queries then, and otherwise nothing',
    sets: 'resolve',
  },
  {
    flags: '--interval <duration>',
    help: 'instead of RTTs, print for each interval of this length how many there were and their percentiles; with --format ndjson as objects, with csv as rows',
    parse: parseInterval,
    sets: 'interval',
    conflicts: [
      { with: 'live', message: '--live and --interval do not go together' },
      { with: 'quiet', message: '--quiet and --interval do not go together' },
      {
        with: 'format',
        where: isClassic,
        message: NO_INTERVALS,
      },
    ],
  },
  {
    flags: '--by <what>',
    help: 'with --interval, also a line for each of the 10 peers, or interfaces, with the longest p99',
    choices: ['peer', 'interface'],
    sets: 'by',
    conflicts: [
      { with: 'by', unless: 'interval', message: '--by means nothing without --interval' },
    ],
  },
  {
    flags: '-q, --quiet',
    help: 'print no RTTs, only the final summary, which goes where they would; with --format ndjson it is an object',
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
    help: 'also say in the summary what became of every packet',
    sets: 'verbose',
  },
  {
    flags: '--report-interval <duration>',
    help: 'minimum time between two printed RTTs of one direction of a flow, 60m at most',
    parse: parseReportInterval,
    default: DEFAULT_SETTINGS.reportInterval,
    sets: 'settings.reportInterval',
    write: (interval: bigint) => (interval > 0n ? durationText(interval) : undefined),
  },
  {
    flags: '--stats <duration>',
    help: 'also print the counters at this interval, not only at the end',
    parse: parseInterval,
    sets: 'statsInterval',
  },
  {
    flags: '--self-cost',
    help: 'also report what pping itself costs in CPU time',
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
    help: 'print no colours; the same as setting NO_COLOR in the environment',
    sets: 'color',
  },
] as const satisfies readonly OptionRow[];
