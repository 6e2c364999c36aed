/** What is asked for together with protocols that do not have it. */
import { isAnyWanted, type WantedOwners } from '../attribution/wanted-owners.js';
import { UsageError } from '../faults.js';
import type { FormatName } from '../format/formats.js';
import type { Filter } from '../sampling/filter.js';
import { isDnsAlone, protocolsOf } from '../sampling/protocols.js';
import type { Condition } from '../summary/condition.js';
import { isShareMetric } from '../summary/condition.js';
import type { LiveOptions, ReplayOptions, RunOptions } from './run-options.js';

/** Throws a UsageError that says what it is. */
export function refuseOfProtocols(options: LiveOptions | ReplayOptions): void {
  const { filter, until } = options;
  refuseShares(until, filter.protocols);
  if (isDnsAlone(filter.protocols)) refuseForDns(options);
  if ('wantedOwners' in options) refuseOwnerless(options.wantedOwners, filter.protocols);
}

/** Only TCP shows what is sent again. */
function refuseShares(until: readonly Condition[], protocols: Filter['protocols']): void {
  const condition = until.find(({ metric }) => isShareMetric(metric));
  if (!condition || protocolsOf(protocols).has('tcp')) return;
  throw new UsageError(
    `--until '${condition.text}' is about TCP: nobody sees what other protocols send again`,
  );
}

const RTT_FORMATS: readonly (FormatName | undefined)[] = ['csv', 'pping', 'ppviz'];

/** These have RTTs, and there would be none. */
function refuseForDns(options: LiveOptions | ReplayOptions): void {
  const what = ofRtts(options);
  if (what === undefined) return;
  throw new UsageError(
    `${what} means nothing for DNS alone: its response times are no RTTs, and are in lines to read and in NDJSON only`,
  );
}

function ofRtts(options: LiveOptions | ReplayOptions): string | undefined {
  const { interval, format, until }: RunOptions = options;
  if (interval !== undefined) return '--interval';
  if ('live' in options && options.live) return '--live';
  if (RTT_FORMATS.includes(format)) return `the format ${format}`;
  const condition = until.find(({ metric }) => metric !== 'events-lost');
  return condition && `--until '${condition.text}'`;
}

/** Whose sockets pings, QUIC and DNS are of is not known: they are nobody's. */
function refuseOwnerless(wanted: WantedOwners, protocols: Filter['protocols']): void {
  if (!isAnyWanted(wanted) || protocolsOf(protocols).has('tcp')) return;
  throw new UsageError(
    '--cgroup, --container and --pid take connections of TCP alone: of other protocols nothing says whose they are',
  );
}
