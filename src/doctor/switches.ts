/** What the administrator has switched on or off (sysctl). */
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';

/** Traffic that is only forwarded may well have them, whatever this machine does. */
export function tcpTimestamps(machine: Machine): Finding {
  const what = 'TCP timestamps';
  const value = machine.read('/proc/sys/net/ipv4/tcp_timestamps')?.trim();
  if (value === undefined) return { what, status: 'warning', found: 'unknown' };
  if (value !== '0') return { what, status: 'ok', found: 'on' };
  const found =
    'off: connections of this machine are measured by sequence number, one RTT at a time';
  return { what, status: 'warning', found, fix: 'sysctl -w net.ipv4.tcp_timestamps=1' };
}

/** Undefined where it is not told: some kernels have nothing but the compiler. */
export function compiler(machine: Machine): Finding | undefined {
  const what = 'BPF compiler';
  const value = machine.read('/proc/sys/net/core/bpf_jit_enable')?.trim();
  if (value === undefined) return undefined;
  if (value !== '0') return { what, status: 'ok', found: 'on' };
  const found = 'off: each packet costs several times as much';
  return { what, status: 'warning', found, fix: 'sysctl -w net.core.bpf_jit_enable=1' };
}
