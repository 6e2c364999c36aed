/** What is asked for together with protocols that do not have it. */
import { UsageError } from '../faults.js';
import type { FormatName } from '../format/formats.js';
import { isAggregated } from '../sampling/aggregation.js';
import type { Filter } from '../sampling/filter.js';
import { areProtocolsTold, isDnsAlone } from '../sampling/protocols.js';
import type { Condition } from '../summary/condition.js';
import { isShareMetric } from '../summary/condition.js';
import type { LiveOptions, ReplayOptions, RunOptions } from './run-options.js';

/** Throws a UsageError that says what it is. */
export function refuseOfProtocols(options: LiveOptions | ReplayOptions): void {
  const { filter, until } = options;
  refuseShares(until, filter.protocols);
  if (isDnsAlone(filter.protocols)) refuseForDns(options);
}

/** Only TCP shows what is sent again, and the kernel counts the bytes of all protocols together. */
function refuseShares(until: readonly Condition[], protocols: Filter['protocols']): void {
  const condition = until.find(({ metric }) => isShareMetric(metric));
  if (!condition || !areProtocolsTold(protocols)) return;
  throw new UsageError(
    `--until '${condition.text}' is judged where TCP alone is measured: nobody sees what others send again`,
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
  const { interval, aggregation, format, until }: RunOptions = options;
  if (interval !== undefined) return '--interval';
  if (isAggregated(aggregation)) return '--aggregate';
  if ('live' in options && options.live) return '--live';
  if (RTT_FORMATS.includes(format)) return `the format ${format}`;
  const condition = until.find(({ metric }) => metric !== 'events-lost');
  return condition && `--until '${condition.text}'`;
}
