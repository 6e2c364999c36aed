/**
 * Reading a BPF ring buffer in place (kernel/bpf/ringbuf.c).
 *
 * Its pages: the consumer's position (ours to write), the producer's position
 * (read only), then the data, mapped twice in a row so that a record that wraps
 * around is still contiguous.
 */
import { Mapping, PAGE_BYTES } from '../libbpf/mapping.js';

/** BPF_RINGBUF_BUSY_BIT, _DISCARD_BIT and _HDR_SZ */
const BUSY = 1 << 31;
const DISCARDED = 1 << 30;
const HEADER_BYTES = 8;

/** Gets each record, to be read before it returns: the kernel overwrites it afterwards. */
export type RecordReader = (bytes: DataView, offset: number, length: number) => void;

export class RingBuffer {
  readonly size: number;
  readonly #fd: number;
  readonly #consumer: Mapping;
  readonly #producer: Mapping;
  readonly #consumed: BigUint64Array;
  readonly #produced: BigUint64Array;
  /** Undefined until there are records: all pages of a mapping count as the process's memory. */
  #data: Data | undefined;

  /** @param size the map's max_entries: bytes, a power of two */
  constructor(fd: number, size: number) {
    this.size = size;
    this.#fd = fd;
    this.#consumer = new Mapping(fd, 0, PAGE_BYTES, 'read-write');
    this.#producer = new Mapping(fd, PAGE_BYTES, PAGE_BYTES, 'read');
    this.#consumed = positionIn(this.#consumer);
    this.#produced = positionIn(this.#producer);
  }

  /**
   * Hands complete records to `read`, in order, and frees their space: all, or the first `most`.
   * @returns how many there were
   */
  drain(read: RecordReader, most = Number.POSITIVE_INFINITY): number {
    const start = Atomics.load(this.#consumed, 0);
    const available = Number(Atomics.load(this.#produced, 0) - start);
    if (available === 0) return 0;
    this.#data ??= new Data(this.#fd, this.size);
    const { headers, bytes } = this.#data;
    const first = Number(start % BigInt(this.size));
    let taken = 0;
    let records = 0;
    try {
      while (taken < available && records < most) {
        const at = (first + taken) % this.size;
        const header = Atomics.load(headers, at >> 2);
        if (header & BUSY) break;
        const length = header & ~(BUSY | DISCARDED);
        taken += roundUp(length + HEADER_BYTES);
        if (header & DISCARDED) continue;
        records++;
        read(bytes, at + HEADER_BYTES, length);
      }
    } finally {
      Atomics.store(this.#consumed, 0, start + BigInt(taken));
    }
    return records;
  }

  /** Whether there are records, some perhaps still being written. */
  get isEmpty(): boolean {
    return Atomics.load(this.#produced, 0) === Atomics.load(this.#consumed, 0);
  }

  /** Bytes that are taken by records, of `size`. */
  get used(): number {
    return Number(Atomics.load(this.#produced, 0) - Atomics.load(this.#consumed, 0));
  }

  /** May be called twice; nothing may be drained afterwards. */
  close(): void {
    this.#consumer.close();
    this.#producer.close();
    this.#data?.close();
  }
}

/** The records, twice in a row. */
class Data {
  readonly headers: Int32Array;
  readonly bytes: DataView;
  readonly #mapping: Mapping;

  constructor(fd: number, size: number) {
    this.#mapping = new Mapping(fd, 2 * PAGE_BYTES, 2 * size, 'read');
    const { buffer, byteOffset } = this.#mapping.bytes;
    this.headers = new Int32Array(buffer, byteOffset, (2 * size) / 4);
    this.bytes = new DataView(buffer, byteOffset, 2 * size);
  }

  close(): void {
    this.#mapping.close();
  }
}

/** At the beginning of its page. */
function positionIn({ bytes }: Mapping): BigUint64Array {
  return new BigUint64Array(bytes.buffer, bytes.byteOffset, 1);
}

/** Records begin at multiples of eight. */
function roundUp(length: number): number {
  return (length + 7) & ~7;
}
