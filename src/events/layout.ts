/**
 * Where bpf/pping.h puts things in the events. The C side is the truth: a test
 * compares all of this with the built object's BTF.
 */
import type { FlowChange, FlowReason, FlowTrigger } from './types.js';

/** struct event_header */
export const HEADER = {
  timestamp: 0,
  flowId: 8,
  src: 16,
  dest: 32,
  srcPort: 48,
  destPort: 50,
  type: 52,
  ipVersion: 53,
  place: 54,
  size: 56,
} as const;

/** struct rtt_event */
export const RTT = {
  rtt: 56,
  intervalMinRtt: 64,
  minRtt: 72,
  srtt: 80,
  sentPackets: 88,
  sentBytes: 96,
  recPackets: 104,
  recBytes: 112,
  flags: 120,
  samples: 124,
  size: 128,
} as const;

/** struct flow_event */
export const FLOW = {
  change: 56,
  reason: 57,
  trigger: 58,
  size: 64,
} as const;

/** struct overdue_event */
export const OVERDUE = {
  waited: 56,
  flags: 64,
  size: 72,
} as const;

/** struct owner_event, with its struct owner */
export const OWNER = {
  cgroup: 56,
  socketCookie: 64,
  uid: 72,
  pid: 76,
  comm: 80,
  size: 96,
} as const;

/** struct original_event, with its struct original */
export const ORIGINAL = {
  address: 56,
  port: 88,
  state: 92,
  size: 96,
} as const;

/** enum original_state */
export const ORIGINAL_STATE = { unknown: 0, known: 1, disputed: 2 } as const;

/** enum event_type */
export const EVENT_TYPE = { rtt: 1, flow: 2, owner: 3, original: 4, overdue: 5 } as const;

/** enum rtt_flag */
export const RTT_FLAG = { matchOnEgress: 1, handshake: 2, hookUnknown: 4 } as const;

/** enum flow_change */
export const FLOW_CHANGE = { opening: 1, closing: 2 } as const satisfies Record<FlowChange, number>;

/** enum flow_reason */
export const FLOW_REASON = {
  SYN: 1,
  'SYN-ACK': 2,
  'first observed packet': 3,
  FIN: 4,
  RST: 5,
  'flow timeout': 6,
} as const satisfies Record<FlowReason, number>;

/** enum flow_trigger */
export const FLOW_TRIGGER = {
  src: 1,
  dest: 2,
  'garbage collection': 3,
} as const satisfies Record<FlowTrigger, number>;

/** enum place */
export const PLACE = {
  vlanIdBits: 12,
  interfaceShift: 24,
  bits: 15,
  crowded: 0x7fff,
  entries: 0x8000,
} as const;
