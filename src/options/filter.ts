/** --host, --net, --port, and what is excluded -> one filter. */

import { MOST_PORT_RANGES } from '../core/filter.js';
import { UsageError } from '../faults.js';
import { MOST_PREFIXES } from '../prefix.js';
import type { Filter, Selection } from '../sampling/filter.js';
import type { ParsedOptions } from './command.js';

export function toFilter(parsed: ParsedOptions): Filter {
  const { host, net, port, excludeHost, excludeNet, excludePort } = parsed;
  return {
    include: selection(host, net, port),
    exclude: selection(excludeHost, excludeNet, excludePort),
  };
}

function selection(
  hosts: ParsedOptions['host'] = [],
  nets: ParsedOptions['net'] = [],
  portRanges: ParsedOptions['port'] = [],
): Selection {
  const prefixes = [...hosts, ...nets];
  if (prefixes.length > MOST_PREFIXES) {
    throw new UsageError(`at most ${MOST_PREFIXES} hosts and networks are possible`);
  }
  if (portRanges.length > MOST_PORT_RANGES) {
    throw new UsageError(`at most ${MOST_PORT_RANGES} ports and ranges are possible`);
  }
  return { prefixes, portRanges };
}
