/** What this process is allowed to do (capabilities(7)). Needs no libbpf to be told. */

/** Bits of linux/capability.h. */
const SYS_ADMIN = 21n;
const NEEDED = [
  ['CAP_BPF', 39n],
  ['CAP_NET_ADMIN', 12n],
  ['CAP_PERFMON', 38n],
] as const;

export interface Capabilities {
  /** Of those that loading and attaching take. */
  readonly lacking: readonly string[];
  /** CAP_SYS_ADMIN, which the kernel takes for each of them, except to add a qdisc. */
  readonly isAdministrator: boolean;
}

export const NEEDED_CAPABILITIES = NEEDED.map(([name]) => name);

/** @param status what is in /proc/self/status */
export function capabilitiesIn(status: string): Capabilities {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n;
  const lacking = NEEDED.filter(([, bit]) => !has(bit)).map(([name]) => name);
  return { lacking, isAdministrator: has(SYS_ADMIN) };
}
