/** What Prometheus gets. */
import { parseSeries } from '../arguments.js';
import { parseListenAddress } from '../listen-address.js';
import type { OptionRow } from '../row.js';

export const METRICS = [
  {
    flags: '--metrics [address:port]',
    help: 'serve metrics for Prometheus over HTTP, at 127.0.0.1:9747 unless another address and port are given',
    parse: parseListenAddress,
    withoutArgument: '127.0.0.1:9747',
    only: 'live',
    sets: 'metrics.address',
  },
  {
    flags: '--metrics-by <what>',
    help: 'with --metrics, tell RTTs apart by interface; by prefix, that is also by the /24 (IPv4) or /48 (IPv6) of the host, or as --aggregate-v4 and --aggregate-v6 say; by owner of the connection, with --who or --aggregate-by owner; or by none of these. In any case they are told apart by side of the interface and, except with --aggregate alone, by what has answered',
    choices: ['prefix', 'owner', 'interface', 'none'],
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
