/** Whether this process may load and attach. */
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';

/** linux/capability.h */
const SYS_ADMIN = 21n;
const NEEDED = [
  ['CAP_BPF', 39n],
  ['CAP_NET_ADMIN', 12n],
  ['CAP_PERFMON', 38n],
] as const;

const WHAT = 'privileges';
const FIX = 'sudo pping ..., or the unit share/pping@.service, which gives it just these';

export function privileges(machine: Machine): Finding {
  const status = machine.read('/proc/self/status') ?? '';
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: bigint) => ((effective >> bit) & 1n) === 1n;
  const lacking = NEEDED.filter(([, bit]) => !has(bit)).map(([name]) => name);
  // The kernel takes it for each of the others, except to add a qdisc; whether that matters, attaching tells.
  if (lacking.length > 0 && has(SYS_ADMIN)) {
    return { what: WHAT, status: 'ok', found: `CAP_SYS_ADMIN, which implies ${list(lacking)}` };
  }
  if (lacking.length > 0) {
    return { what: WHAT, status: 'missing', found: `without ${list(lacking)}`, fix: FIX };
  }
  const isRoot = /^Uid:\s*\d+\s+0\s/m.test(status);
  const found = isRoot ? 'root' : list(NEEDED.map(([name]) => name));
  return { what: WHAT, status: 'ok', found };
}

function list(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}
