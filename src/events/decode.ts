/** Bytes -> event, and nothing else: a copy, to be kept. */
import type {
  Common,
  DnsEvent,
  FlowEvent,
  KernelEvent,
  Losses,
  OverdueEvent,
  RttEvent,
  Traffic,
} from './types.js';
import { RecordView } from './view.js';

export { UndecodableRecord } from './view.js';

const view = new RecordView();

/**
 * Decodes the record of `length` bytes at `offset` of `bytes`. All that is kept
 * is copied: the record may be overwritten afterwards.
 * Throws UndecodableRecord.
 */
export function decode(bytes: DataView, offset: number, length: number): KernelEvent {
  return copyOf(view.at(bytes, offset, length));
}

/** What is kept of a view that is valid for a moment only. */
export function copyOf(event: KernelEvent): KernelEvent {
  if (event.type === 'rtt') return copyRtt(event);
  if (event.type === 'dns') return copyDns(event);
  return event.type === 'flow' ? copyFlow(event) : copyOverdue(event);
}

function copyRtt(event: RttEvent): RttEvent {
  const { rtt, samples, intervalMinRtt, minRtt, srtt, rttvar } = event;
  const { matchOnEgress, by, handshake, answer, keepAlive } = event;
  return {
    type: 'rtt',
    ...copyCommon(event),
    rtt,
    samples,
    intervalMinRtt,
    minRtt,
    srtt,
    rttvar,
    ...copyTraffic(event),
    matchOnEgress,
    by,
    handshake,
    answer,
    keepAlive,
  };
}

function copyFlow(event: FlowEvent): FlowEvent {
  const { change, reason, triggeredBy, unmeasuredSrc, unmeasuredDest, spin } = event;
  return {
    type: 'flow',
    ...copyCommon(event),
    change,
    reason,
    triggeredBy,
    unmeasuredSrc,
    unmeasuredDest,
    spin,
    ...copyTraffic(event),
  };
}

function copyOverdue(event: OverdueEvent): OverdueEvent {
  const { waited, matchOnEgress } = event;
  return { type: 'overdue', ...copyCommon(event), waited, matchOnEgress };
}

function copyDns(event: DnsEvent): DnsEvent {
  const { queryId, responseTime, waited, rcode, truncated, matchOnEgress, question, asker } = event;
  return {
    type: 'dns',
    ...copyCommon(event),
    queryId,
    responseTime,
    waited,
    rcode,
    truncated,
    matchOnEgress,
    question,
    asker,
  };
}

function copyTraffic(event: Traffic): Traffic {
  const { sentPackets, sentBytes, recPackets, recBytes } = event;
  const sentLosses = copyLosses(event.sentLosses);
  const recLosses = copyLosses(event.recLosses);
  return { sentPackets, sentBytes, recPackets, recBytes, sentLosses, recLosses };
}

function copyLosses(losses: Losses): Losses {
  const { retransmittedPackets, retransmittedBytes } = losses;
  const { reorderedPackets, duplicateAcks, zeroWindows } = losses;
  return { retransmittedPackets, retransmittedBytes, reorderedPackets, duplicateAcks, zeroWindows };
}

function copyCommon(event: Common): Common {
  const { timestamp, protocol, flowId, place } = event;
  const { ipVersion, srcAddress, destAddress, srcPort, destPort, addressOrder } = event;
  return {
    timestamp,
    protocol,
    flowId,
    place,
    ipVersion,
    srcAddress,
    destAddress,
    srcPort,
    destPort,
    ...(addressOrder === undefined ? undefined : { addressOrder }),
  };
}
