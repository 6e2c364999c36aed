/** What this process is allowed to do (capabilities(7)). Needs no libbpf to be told. */

/** Bits of linux/capability.h. */
export const CAP = {
  DAC_OVERRIDE: 1n,
  DAC_READ_SEARCH: 2n,
  SETGID: 6n,
  SETUID: 7n,
  SETPCAP: 8n,
  NET_BROADCAST: 11n,
  NET_ADMIN: 12n,
  SYS_PTRACE: 19n,
  SYS_ADMIN: 21n,
  PERFMON: 38n,
  BPF: 39n,
} as const;
const NEEDED = [
  ['CAP_BPF', CAP.BPF],
  ['CAP_NET_ADMIN', CAP.NET_ADMIN],
  ['CAP_PERFMON', CAP.PERFMON],
] as const;

export interface Capabilities {
  /** Of those that loading and attaching take. */
  readonly lacking: readonly string[];
  /** CAP_SYS_ADMIN, which the kernel takes for each of them, except to add a qdisc. */
  readonly isAdministrator: boolean;
}

export const NEEDED_CAPABILITIES = NEEDED.map(([name]) => name);

/** Of capabilities, one bit for each. */
export type CapabilitySet = bigint;

/** What watching takes, from its start to its end. */
export const NEEDED_SET = setOf(...NEEDED.map(([, bit]) => bit));

export function setOf(...bits: readonly bigint[]): CapabilitySet {
  return bits.reduce((set, bit) => set | (1n << bit), 0n);
}

/** @param field of /proc/self/status, as CapPrm; nothing where it is not there */
export function capabilitySetIn(status: string, field: string): CapabilitySet {
  return BigInt(`0x${new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status)?.[1] ?? '0'}`);
}

/** @param status what is in /proc/self/status */
export function capabilitiesIn(status: string): Capabilities {
  const effective = capabilitySetIn(status, 'CapEff');
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n;
  const lacking = NEEDED.filter(([, bit]) => !has(bit)).map(([name]) => name);
  return { lacking, isAdministrator: has(CAP.SYS_ADMIN) };
}
