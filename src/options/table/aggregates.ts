/** RTTs counted together, instead of told one by one. */
import { type FormatName, formatFor } from '../../format/formats.js';
import { AGGREGATED_BY, NO_AGGREGATION } from '../../sampling/aggregation.js';
import { parseAggregateInterval, parseBits, parseEntries } from '../arguments.js';
import type { OptionRow } from '../row.js';

const { by, bitsV4, bitsV6, most } = NO_AGGREGATION;

const NO_FORMAT = '--aggregate has a table in the format human, and objects in ndjson';
const NO_PID =
  '--pid and --aggregate do not go together: whose an RTT is, is found after it is counted';
const NO_OWNERS =
  '--who and --nat tell of each RTT, and --aggregate does not: --events does, too, and --aggregate-by owner counts by owner';

const hasNoAggregates = (format: FormatName | undefined) =>
  format === 'csv' || format === 'ppviz' || format === 'pping';

const without = (
  name: 'aggregateBy' | 'aggregateV4' | 'aggregateV6' | 'events' | 'maxAggregates',
  flag: string,
) =>
  [
    { with: name, unless: 'aggregate', message: `${flag} means nothing without --aggregate` },
  ] as const;

export const AGGREGATES = [
  {
    flags: '--aggregate <duration>',
    help: 'instead of telling each RTT, count them in the kernel, and print for each interval of this length how they are distributed, by network: a table, the worst first, or with --format ndjson objects with histograms; with --live the table on the whole screen',
    parse: parseAggregateInterval,
    sets: 'aggregation.interval',
    conflicts: [
      { with: 'interval', message: '--interval and --aggregate do not go together' },
      { with: 'format', where: hasNoAggregates, message: NO_FORMAT },
      {
        with: 'output',
        where: (output: string | undefined) => hasNoAggregates(formatFor(output)),
        unless: 'format',
        message: NO_FORMAT,
      },
      { with: 'pid', message: NO_PID },
      { with: 'who', unless: 'events', message: NO_OWNERS },
      { with: 'nat', unless: 'events', message: NO_OWNERS },
      {
        with: 'count',
        unless: 'events',
        message: '--count counts RTTs as they are told: with --aggregate it takes --events',
      },
    ],
  },
  {
    flags: '--aggregate-by <what>',
    help: 'what is counted by itself, on each side of the interface: prefix, the network of who has answered, at each interface; owner, whose connections they are (container, unit or cgroup, and user); interface; or none',
    choices: AGGREGATED_BY,
    default: by,
    sets: 'aggregation.by',
    conflicts: without('aggregateBy', '--aggregate-by'),
  },
  {
    flags: '--aggregate-v4 <bits>',
    help: 'length of these networks in IPv4; 32 is each host, 0 all of IPv4',
    parse: (text: string) => parseBits(text, 32),
    default: bitsV4,
    sets: 'aggregation.bitsV4',
    conflicts: without('aggregateV4', '--aggregate-v4'),
  },
  {
    flags: '--aggregate-v6 <bits>',
    help: 'length of these networks in IPv6; 128 is each host, 0 all of IPv6',
    parse: (text: string) => parseBits(text, 128),
    default: bitsV6,
    sets: 'aggregation.bitsV6',
    conflicts: without('aggregateV6', '--aggregate-v6'),
  },
  {
    flags: '--max-aggregates <n>',
    help: 'maximum number of them in an interval; what finds no room is counted together, as others; each takes 4 KiB of the kernel, in two intervals at once for a moment',
    parse: parseEntries,
    default: most,
    sets: 'aggregation.most',
    conflicts: without('maxAggregates', '--max-aggregates'),
  },
  {
    flags: '--events',
    help: 'with --aggregate, tell each RTT, too',
    sets: 'aggregation.events',
    conflicts: without('events', '--events'),
  },
] as const satisfies readonly OptionRow[];
