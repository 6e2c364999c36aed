/** What the kernel is, and how it was built and started. */
import { messageOf } from '../faults.js';
import { BTF, requireKernel } from '../live/requirements.js';
import { type Finding, NO_SYS } from './finding.js';
import { kernelName, type Machine } from './machine.js';

/** Those that addresses and sizes of the FFI declarations are right for. */
const WITH_64_BITS = new Set(['x64', 'arm64', 'loong64', 'ppc64', 'riscv64', 's390x']);
/** Each kernel that has /sys has this in it (kernel/ksysfs.c). */
const ANY_SYS = '/sys/kernel/uevent_seqnum';
/** The last one only where the kernel has no TCX. */
const OPTIONS = ['BPF_SYSCALL', 'NET_SCH_INGRESS', 'NET_CLS_BPF'] as const;

export function kernelVersion(machine: Machine): Finding {
  const { platform, kernel } = machine;
  const what = 'kernel';
  if (platform !== 'linux') {
    return {
      what,
      status: 'missing',
      found: `this is ${platform}`,
      fix: 'use Linux 5.15 or newer',
    };
  }
  try {
    requireKernel(kernel);
    return { what, status: 'ok', found: kernelName(machine) };
  } catch (error) {
    return { what, status: 'missing', found: messageOf(error), fix: 'install a newer kernel' };
  }
}

export function architecture({ architecture: found }: Machine): Finding {
  const what = 'architecture';
  if (WITH_64_BITS.has(found)) return { what, status: 'ok', found };
  return { what, status: 'missing', found, fix: 'use a 64-bit system and its Node' };
}

/** Undefined where it can be read, as everywhere but without /sys: libbpf has no other way to count the CPUs. */
export function processors(machine: Machine): Finding | undefined {
  const path = '/sys/devices/system/cpu/possible';
  if (machine.read(path) !== undefined) return undefined;
  const found = `number unknown: ${path} cannot be read`;
  return { what: 'CPUs', status: 'missing', found, fix: NO_SYS.fix };
}

/** No more than a warning: loading, which is tried as well, may do without. */
export function typeInformation(machine: Machine): Finding {
  const what = 'BTF';
  if (machine.read(BTF) !== undefined) return { what, status: 'ok', found: BTF };
  if (machine.read(ANY_SYS) === undefined) return { what, status: 'warning', ...NO_SYS };
  const fix = 'use a kernel built with CONFIG_DEBUG_INFO_BTF, such as a distribution kernel';
  return { what, status: 'warning', found: `${BTF} cannot be read`, fix };
}

/** Undefined where the kernel does not tell. What is missing here shows when attaching is tried. */
export function configuration(machine: Machine): Finding | undefined {
  const paths = ['/proc/config.gz', `/boot/config-${machine.kernel}`];
  const path = paths.find((each) => machine.read(each) !== undefined);
  if (path === undefined) return undefined;
  const text = machine.read(path) ?? '';
  const unset = OPTIONS.filter((option) => !new RegExp(`^CONFIG_${option}=[ym]$`, 'm').test(text));
  const what = 'kernel options';
  if (unset.length === 0) return { what, status: 'ok', found: OPTIONS.join(', ') };
  const found = `${path} lacks ${unset.join(', ')}`;
  return { what, status: 'warning', found, fix: 'use a kernel built with them' };
}

/**
 * No more than a warning: only reading the kernel's memory is forbidden, which pping does not. Undefined where it
 * is not told.
 */
export function lockdown(machine: Machine): Finding | undefined {
  const what = 'lockdown';
  const modes = machine.read('/sys/kernel/security/lockdown');
  const isTold = modes ?? machine.read('/sys/kernel/security/lsm');
  if (isTold === undefined) return undefined;
  const mode = modes === undefined ? 'none' : (/\[(\w+)\]/.exec(modes)?.[1] ?? 'unknown');
  if (mode !== 'confidentiality') return { what, status: 'ok', found: mode };
  const fix = 'if the programs are refused, boot with lockdown=integrity';
  return { what, status: 'warning', found: `${mode}, which restricts BPF`, fix };
}
