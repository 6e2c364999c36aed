import { KernelError } from './errors.js';
import { libbpf } from './ffi.js';

/** libbpf has no other way to count them. */
const NO_SYS = '; libbpf reads /sys/devices/system/cpu/possible: mount -t sysfs sysfs /sys';

/** CPUs that the kernel is prepared for: maps have a part for each, whether or not it is there. */
export function possibleCpus(): number {
  const cpus = libbpf().libbpf_num_possible_cpus();
  if (cpus < 0) throw new KernelError('count the CPUs', -cpus, NO_SYS);
  return cpus;
}
