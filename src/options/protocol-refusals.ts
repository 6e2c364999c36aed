/** What is asked for together with protocols that do not have it. */
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
  refuseOfDns(until, filter.protocols);
  if (isDnsAlone(filter.protocols)) refuseForDns(options);
}

/** Only TCP shows what is sent again. */
function refuseShares(until: readonly Condition[], protocols: Filter['protocols']): void {
  const condition = until.find(({ metric }) => isShareMetric(metric));
  if (!condition || protocolsOf(protocols).has('tcp')) return;
  throw new UsageError(
    `--until '${condition.text}' needs TCP: retransmissions of other protocols cannot be seen`,
  );
}

/** It would never come true. */
function refuseOfDns(until: readonly Condition[], protocols: Filter['protocols']): void {
  const condition = until.find(({ isOfDns }) => isOfDns);
  if (!condition || protocolsOf(protocols).has('dns')) return;
  throw new UsageError(`--until '${condition.text}' needs --protocol dns`);
}

const RTT_FORMATS: readonly (FormatName | undefined)[] = ['csv', 'pping', 'ppviz'];

/** These have RTTs, and there would be none. */
function refuseForDns(options: LiveOptions | ReplayOptions): void {
  const what = ofRtts(options);
  if (what === undefined) return;
  throw new UsageError(`${what} cannot be used for DNS alone: it has response times, not RTTs`);
}

function ofRtts(options: LiveOptions | ReplayOptions): string | undefined {
  const { interval, format, until }: RunOptions = options;
  const isOfIntervals = interval !== undefined && format === 'csv';
  if (RTT_FORMATS.includes(format) && !isOfIntervals) return `the format ${format}`;
  const condition = until.find(({ metric, isOfDns }) => metric !== 'events-lost' && !isOfDns);
  return condition && `--until '${condition.text}'`;
}
