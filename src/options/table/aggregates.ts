/** RTTs counted together, instead of reported one by one. */
import { type FormatName, formatFor } from '../../format/formats.js';
import { AGGREGATED_BY, NO_AGGREGATION } from '../../sampling/aggregation.js';
import { parseAggregateInterval, parseBits, parseEntries } from '../arguments.js';
import type { OptionRow } from '../row.js';

const { by, bitsV4, bitsV6, most } = NO_AGGREGATION;

const NO_FORMAT = '--aggregate needs --format human (a table) or ndjson (objects)';
const NO_PID =
  '--pid cannot be used with --aggregate: RTTs are counted before their process is known';
const NO_OWNERS =
  'with --aggregate, --who and --nat need --events; --aggregate-by owner counts by owner';

const hasNoAggregates = (format: FormatName | undefined) =>
  format === 'csv' || format === 'ppviz' || format === 'pping';

const without = (
  name: 'aggregateBy' | 'aggregateV4' | 'aggregateV6' | 'events' | 'maxAggregates',
  flag: string,
) => [{ with: name, unless: 'aggregate', message: `${flag} needs --aggregate` }] as const;

export const AGGREGATES = [
  {
    flags: '--aggregate <duration>',
    help: 'count RTTs in the kernel instead of reporting each; every interval of this length, print their distribution per network, worst first; with --format ndjson as objects with histograms, with --live full-screen',
    parse: parseAggregateInterval,
    sets: 'aggregation.interval',
    conflicts: [
      { with: 'interval', message: '--interval cannot be used with --aggregate' },
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
        message: 'with --aggregate, --count needs --events',
      },
    ],
  },
  {
    flags: '--aggregate-by <what>',
    help: 'what to count separately, on each side of the interface; prefix: the network of the host that answered, at each interface; owner: the owner of the connection (container, unit or cgroup, and user); interface: each interface; none: nothing',
    choices: AGGREGATED_BY,
    default: by,
    sets: 'aggregation.by',
    conflicts: without('aggregateBy', '--aggregate-by'),
  },
  {
    flags: '--aggregate-v4 <bits>',
    help: 'prefix length of IPv4 networks; 32 = each host, 0 = all of IPv4',
    parse: (text: string) => parseBits(text, 32),
    default: bitsV4,
    sets: 'aggregation.bitsV4',
    conflicts: without('aggregateV4', '--aggregate-v4'),
  },
  {
    flags: '--aggregate-v6 <bits>',
    help: 'prefix length of IPv6 networks; 128 = each host, 0 = all of IPv6',
    parse: (text: string) => parseBits(text, 128),
    default: bitsV6,
    sets: 'aggregation.bitsV6',
    conflicts: without('aggregateV6', '--aggregate-v6'),
  },
  {
    flags: '--max-aggregates <n>',
    help: 'maximum number of aggregates per interval (4 KiB of kernel memory each, briefly twice); the excess is counted together, as others',
    parse: parseEntries,
    default: most,
    sets: 'aggregation.most',
    conflicts: without('maxAggregates', '--max-aggregates'),
  },
  {
    flags: '--events',
    help: 'with --aggregate, also report each RTT',
    sets: 'aggregation.events',
    conflicts: without('events', '--events'),
  },
] as const satisfies readonly OptionRow[];
