/**
 * Where bpf/replay/capture.h puts things. The C side is the truth: a test compares all of this
 * with its BTF.
 */

/** struct captured_packet */
export const PACKET = {
  data: 0,
  captured: 4,
  length: 8,
  timeHigh: 12,
  timeLow: 16,
  interface: 20,
  hook: 22,
  toThisHost: 23,
  segments: 24,
  size: 28,
} as const;

/** struct capture_interface */
export const INTERFACE = {
  highWeight: 0,
  mostTicks: 8,
  multiplier: 16,
  divisor: 24,
  offset: 32,
  binaryDigits: 40,
  linkLayer: 44,
  exactLengths: 48,
  size: 56,
} as const;

/** struct replay_state */
export const STATE = {
  first: 0,
  latest: 8,
  next: 16,
  backwards: 24,
  furthest: 32,
  rtts: 40,
  timeless: 48,
  moved: 56,
  stop: 64,
  events: 68,
  size: 72,
} as const;

/** enum replay_stop */
export const STOP = { end: 0, time: 1, room: 2, enough: 3, back: 4 } as const;
export type Stop = (typeof STOP)[keyof typeof STOP];

/** enum hook */
export const HOOK = { ingress: 0, egress: 1, unknown: 2, loopback: 3 } as const;
