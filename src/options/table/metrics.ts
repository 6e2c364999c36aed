/** What Prometheus gets. */
import { parseSeries } from '../arguments.js';
import { parseListenAddress } from '../listen-address.js';
import type { OptionRow } from '../row.js';

export const METRICS = [
  {
    flags: '--metrics [address:port]',
    help: 'serve metrics for Prometheus over HTTP, on 127.0.0.1:9747 unless another address and port are given',
    parse: parseListenAddress,
    withoutArgument: '127.0.0.1:9747',
    only: 'live',
    sets: 'metrics.address',
  },
  {
    flags: '--metrics-by <what>',
    help: 'with --metrics, split RTTs by one of these, besides side and, except with --aggregate alone, kind of answer; interface: the interface; prefix: the interface and the network of the host, /24 (IPv4) and /48 (IPv6) or as --aggregate-v4 and --aggregate-v6 say; owner: the owner of the connection, with --who or --aggregate-by owner; none: nothing else',
    choices: ['prefix', 'owner', 'interface', 'none'],
    default: 'interface',
    only: 'live',
    sets: 'metrics.by',
    conflicts: [
      {
        with: 'metricsBy',
        unless: 'metrics',
        message: '--metrics-by needs --metrics',
      },
    ],
  },
  {
    flags: '--metrics-series <n>',
    help: 'with --metrics, maximum number of label sets per metric; the excess is counted under the label value others',
    parse: parseSeries,
    default: 1000,
    only: 'live',
    sets: 'metrics.series',
    conflicts: [
      {
        with: 'metricsSeries',
        unless: 'metrics',
        message: '--metrics-series needs --metrics',
      },
    ],
  },
] as const satisfies readonly OptionRow[];
