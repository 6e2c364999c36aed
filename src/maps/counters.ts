/** The per-CPU counters, added up. */
import { COUNTED, type Counters, mapCounters } from '../core/counters.js';
import { LITTLE } from '../core/endianness.js';
import { possibleCpus } from '../libbpf/cpus.js';
import { check } from '../libbpf/errors.js';
import { libbpf } from '../libbpf/ffi.js';
import type { BpfMap } from '../libbpf/object.js';

const COUNTER_BYTES = 8;

/** One system call, however many CPUs there are. */
export function readCounters({ fd }: Pick<BpfMap, 'fd'>): Counters {
  const cpus = possibleCpus();
  const stride = COUNTED.length * COUNTER_BYTES;
  const values = Buffer.alloc(cpus * stride);
  check('read the counters', libbpf().bpf_map_lookup_elem(fd, Buffer.alloc(4), values));
  return addUp(new DataView(values.buffer, values.byteOffset, values.length), stride);
}

function addUp(values: DataView, stride: number): Counters {
  return mapCounters((_, index) => {
    let sum = 0n;
    for (let at = index * COUNTER_BYTES; at < values.byteLength; at += stride) {
      sum += values.getBigUint64(at, LITTLE);
    }
    return Number(sum);
  });
}
