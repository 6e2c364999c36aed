/** --host, --net, --port, and what is excluded -> one filter. */

import { LIMIT } from '../core/layouts.js';
import { UsageError } from '../faults.js';
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
  if (prefixes.length > LIMIT.prefixes) {
    throw new UsageError(`at most ${LIMIT.prefixes} hosts and networks are possible`);
  }
  if (portRanges.length > LIMIT.portRanges) {
    throw new UsageError(`at most ${LIMIT.portRanges} ports and ranges are possible`);
  }
  return { prefixes, portRanges };
}
