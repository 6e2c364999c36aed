/** What is asked for together with protocols that do not have it. */
import { UsageError } from '../faults.js';
import { hasRttsAlone } from '../format/formats.js';
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
  refuseNames(filter);
  refusePorts(filter);
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

function refuseNames({ dnsNames, protocols }: Filter): void {
  if (!dnsNames || protocolsOf(protocols).has('dns')) return;
  throw new UsageError('--dns-names needs --protocol dns');
}

/** They would have no effect on what is measured. */
function refusePorts({ udpPorts, protocols }: Filter): void {
  const measured = protocolsOf(protocols);
  for (const word of ['quic', 'dns'] as const) {
    if (udpPorts[word].length === 0 || measured.has(word)) continue;
    throw new UsageError(`--${word}-port needs --protocol ${word}`);
  }
}

/** These have RTTs, and there would be none. */
function refuseForDns(options: LiveOptions | ReplayOptions): void {
  const what = ofRtts(options);
  if (what === undefined) return;
  throw new UsageError(`${what} cannot be used for DNS alone: it has response times, not RTTs`);
}

function ofRtts(options: LiveOptions | ReplayOptions): string | undefined {
  const { interval, format, until }: RunOptions = options;
  if (hasRttsAlone(format, interval !== undefined)) return `the format ${format}`;
  const condition = until.find(({ metric, isOfDns }) => metric !== 'events-lost' && !isOfDns);
  return condition && `--until '${condition.text}'`;
}
