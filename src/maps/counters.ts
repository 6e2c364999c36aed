/** The per-CPU counters, added up. */
import { endianness } from 'node:os';
import { check } from '../libbpf/errors.js';
import { libbpf } from '../libbpf/ffi.js';
import type { BpfMap } from '../libbpf/object.js';

/** enum counter (bpf/pping.h), in its order; compared with the object's BTF by a test. */
export const COUNTERS = [
  'packets',
  'notIp',
  'notTcp',
  'fragment',
  'malformed',
  'noTimestamp',
  'reset',
  'handshake',
  'lingering',
  'flowMapFull',
  'pureAck',
  'identifierNotNew',
  'local',
  'rateLimited',
  'remembered',
  'timestampMapFull',
  'matched',
  'noMatch',
  'rttEventsLost',
  'flowEventsLost',
] as const;

export type CounterName = (typeof COUNTERS)[number];
export type Counters = Readonly<Record<CounterName, number>>;

const LITTLE = endianness() === 'LE';
const COUNTER_BYTES = 8;

/** One system call, however many CPUs there are. */
export function readCounters(map: BpfMap): Counters {
  const cpus = check('count the CPUs', libbpf().libbpf_num_possible_cpus());
  const stride = COUNTERS.length * COUNTER_BYTES;
  const values = Buffer.alloc(cpus * stride);
  check('read the counters', libbpf().bpf_map_lookup_elem(map.fd, Buffer.alloc(4), values));
  return addUp(new DataView(values.buffer, values.byteOffset, values.length), stride);
}

function addUp(values: DataView, stride: number): Counters {
  const sums = COUNTERS.map((_, index) => {
    let sum = 0n;
    for (let at = index * COUNTER_BYTES; at < values.byteLength; at += stride) {
      sum += values.getBigUint64(at, LITTLE);
    }
    return Number(sum);
  });
  return Object.fromEntries(COUNTERS.map((name, index) => [name, sums[index] ?? 0])) as Counters;
}
