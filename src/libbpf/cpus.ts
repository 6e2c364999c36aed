import { check } from './errors.js';
import { libbpf } from './ffi.js';

/** CPUs that the kernel is prepared for: maps have a part for each, whether or not it is there. */
export function possibleCpus(): number {
  return check('count the CPUs', libbpf().libbpf_num_possible_cpus());
}
