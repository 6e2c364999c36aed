/** What Prometheus gets. */
import { parseSeries } from '../arguments.js';
import { parseListenAddress } from '../listen-address.js';
import type { OptionRow } from '../row.js';

export const METRICS = [
  {
    flags: '--metrics [address:port]',
    help: 'serve metrics for Prometheus over HTTP, at 127.0.0.1:9747 or at this address and port',
    parse: parseListenAddress,
    withoutArgument: '127.0.0.1:9747',
    only: 'live',
    sets: 'metrics.address',
  },
  {
    flags: '--metrics-by <what>',
    help: 'with --metrics, what RTTs are told apart by, besides the side of the interface and what has answered: prefix: the interface and the prefix of the host, /24 of IPv4 and /48 of IPv6; interface; none',
    choices: ['prefix', 'interface', 'none'],
    default: 'interface',
    only: 'live',
    sets: 'metrics.by',
    conflicts: [
      {
        with: 'metricsBy',
        unless: 'metrics',
        message: '--metrics-by means nothing without --metrics',
      },
    ],
  },
  {
    flags: '--metrics-series <n>',
    help: 'with --metrics, maximum number of label sets per metric; those beyond it are counted together, under the label value others',
    parse: parseSeries,
    default: 1000,
    only: 'live',
    sets: 'metrics.series',
    conflicts: [
      {
        with: 'metricsSeries',
        unless: 'metrics',
        message: '--metrics-series means nothing without --metrics',
      },
    ],
  },
] as const satisfies readonly OptionRow[];
