/** What the kernel reports, as values. Durations and times are nanoseconds. */
import type { FlowChange, FlowReason, FlowTrigger, Protocol, Spin, Unmeasured } from './names.js';

/** One end to the other. */
export interface Endpoints {
  readonly ipVersion: 4 | 6;
  /** 16 bytes, network order; IPv4 is mapped to ::ffff:a.b.c.d. */
  readonly srcAddress: Uint8Array;
  readonly destAddress: Uint8Array;
  /** The same for less than a copy, where that can be had: valid as long as the event is. */
  readonly srcAddressInPlace?: Uint8Array;
  readonly destAddressInPlace?: Uint8Array;
  readonly srcPort: number;
  readonly destPort: number;
  /** Of the addresses before they were anonymized, as addressOrderOf() has it; undefined where they are as they were. */
  readonly addressOrder?: number | undefined;
}

/** When something happened, in nanoseconds on the clock of the source of events (not the epoch). */
export interface Timed {
  readonly timestamp: bigint;
  /** The same in halves of 32 bits, where they can be had for less: a BigInt costs as much as half a line. */
  readonly timestampHigh?: number;
  readonly timestampLow?: number;
}

/** What every event of the kernel has. */
export interface Common extends Endpoints, Timed {
  readonly protocol: Protocol;
  /** The flow's cookie: a number never reused in a run. */
  readonly flowId: number;
  /** Where it was seen: 0 where there is but one place; src/events/places.ts knows the VLAN. */
  readonly place: number;
}

/** What shows that packets were lost or delayed, of what one end has sent until now (docs/measurement.md). */
export interface Losses {
  readonly retransmittedPackets: number;
  /** Payload. */
  readonly retransmittedBytes: number;
  readonly reorderedPackets: number;
  readonly duplicateAcks: number;
  readonly zeroWindows: number;
}

/** What a flow's two ends have sent until now, as seen from src of the event. */
export interface Traffic {
  /** Towards it; bytes are payload. */
  readonly sentPackets: number;
  readonly sentBytes: number;
  /** From it. */
  readonly recPackets: number;
  readonly recBytes: number;
  readonly sentLosses: Losses;
  readonly recLosses: Losses;
}

/** What has answered: data may have waited for an application, the others come from a kernel; a reply is one of ICMP. */
export const ANSWERS = ['ack', 'data', 'handshake', 'reply'] as const;
export type Answer = (typeof ANSWERS)[number];

export type RttMethod = 'timestamp' | 'sequence' | 'identifier' | 'connection_id' | 'spin_bit';

/** A sample. src is the responder: the flow as seen in the reply. */
export interface RttEvent extends Common, Traffic {
  readonly type: 'rtt';
  readonly rtt: number;
  /** How many samples this stands for, itself included: --report-interval may have held some back. */
  readonly samples: number;
  /** The least RTT of those. */
  readonly intervalMinRtt: number;
  /** Of the flow in this direction, within --min-window. */
  readonly minRtt: number;
  /** As RFC 6298 has them. */
  readonly srtt: number;
  readonly rttvar: number;
  /** Where the reply was seen; undefined where a capture does not say. */
  readonly matchOnEgress: boolean | undefined;
  /** What told question and answer apart from others: TCP timestamps, or sequence numbers where there are none. */
  readonly by: RttMethod;
  /** What was answered is a SYN or a SYN-ACK. */
  readonly handshake: boolean;
  /** A bare ACK (or FIN); a segment with data; the SYN-ACK or the bare ACK of a handshake. */
  readonly answer: Answer;
  /** Of a keep-alive probe. */
  readonly keepAlive: boolean;
}

/** A flow opened or closed; or it has never opened, or is not over, and was not measured. src is the end that opened it, or was seen first. */
export interface FlowEvent extends Common, Traffic {
  readonly type: 'flow';
  readonly change: FlowChange;
  readonly reason: FlowReason;
  readonly triggeredBy: FlowTrigger;
  /** Why no RTT to src was measured until now; undefined where one was. */
  readonly unmeasuredSrc: Unmeasured | undefined;
  /** The same of dest. */
  readonly unmeasuredDest: Unmeasured | undefined;
  /** What its spin bit turned out to be until now; of QUIC only. */
  readonly spin: Spin | undefined;
}

/** Data that nothing has acknowledged, and that is no longer waited for. src is the end that has not answered. */
export interface OverdueEvent extends Common {
  readonly type: 'overdue';
  /** Its RTT is at least this. */
  readonly waited: number;
  /** Where the answer would have been seen; as of an RTT. */
  readonly matchOnEgress: boolean | undefined;
}

/** What a query of DNS asks for. */
export interface DnsQuestion {
  /** Lower case, as in files of zones: a byte that is no printable ASCII as \DDD. The root is `.`; no other ends in one. */
  readonly name: string;
  /** As IANA has it: `AAAA`; `TYPE65280` of one that it has no name for. */
  readonly type: string;
}

/** Of the socket that a query of DNS is from. */
export interface Asker {
  /** The id of its cgroup. */
  readonly cgroup: bigint;
  readonly uid: number;
  /** Of the process that has sent it, and its name; undefined where that is not known. */
  readonly pid: number | undefined;
  readonly comm: string | undefined;
}

/** A query of DNS has been answered, or is no longer waited for. src is the resolver. It is of no flow: `flowId` is 0. */
export interface DnsEvent extends Common {
  readonly type: 'dns';
  readonly queryId: number;
  /** Undefined where nothing has answered. */
  readonly responseTime: number | undefined;
  /** Where nothing has: that it was waited for. */
  readonly waited: number | undefined;
  /** `NXDOMAIN`; the number of one that IANA has no name for. Undefined where nothing has answered. */
  readonly rcode: string | undefined;
  /** The response had no room for all of it: a client asks again over TCP, which is not measured. */
  readonly truncated: boolean;
  /** Where the response was seen, or would have been; as of an RTT. */
  readonly matchOnEgress: boolean | undefined;
  /** Undefined where it is not asked for, or not in the response. */
  readonly question: DnsQuestion | undefined;
  /** Whose socket has asked; undefined where that is not known. */
  readonly asker: Asker | undefined;
}

export type KernelEvent = RttEvent | FlowEvent | OverdueEvent | DnsEvent;

/** Whose socket a flow has here, told before the flow's next event. src is the end that is on this machine. */
export interface OwnerEvent extends Common {
  readonly type: 'owner';
  /** The inode of the cgroup2 directory. */
  readonly cgroup: bigint;
  readonly socketCookie: bigint;
  readonly uid: number;
  /** Of the process that connected; 0 where that was not seen. */
  readonly pid: number;
  /** Of the process that listens, of a connection that was accepted; 0 where that is not known, or the pid is. */
  readonly listenerPid: number;
  /** The name of the one or the other; empty where both are 0. */
  readonly comm: string;
}

/** The ends as they were before NAT. Addresses as in Endpoints. */
export interface OriginalEvent extends Common {
  readonly type: 'original';
  readonly originalSrcAddress: Uint8Array;
  readonly originalDestAddress: Uint8Array;
  readonly originalSrcPort: number;
  readonly originalDestPort: number;
  /** Two lookups of this flow have disagreed: neither is to be believed. */
  readonly isDisputed: boolean;
}

/** What is told of a flow beyond its packets. */
export type AttributionEvent = OwnerEvent | OriginalEvent;

/** Events that the kernel could not hand over since the last report of this kind. */
export interface LossEvent {
  readonly type: 'loss';
  readonly timestamp: bigint;
  readonly lostRtts: number;
  readonly lostFlowEvents: number;
}

export type Event = KernelEvent | LossEvent;
