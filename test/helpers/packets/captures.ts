/** Capture files made by hand, byte by byte. */

export interface CapturedPacket {
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly frame: Buffer;
  /** Bytes of the frame that were captured; default: all. */
  readonly captured?: number;
}

export interface PcapOptions {
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  readonly linkType?: number;
  /** Kuznetsov's variant: microseconds, and in each record so many bytes more. */
  readonly patched?: boolean;
}

const SECOND = 1_000_000_000n;

/** A classic capture; times are cut to microseconds unless told otherwise. */
export function pcap(packets: readonly CapturedPacket[], options: PcapOptions = {}): Buffer {
  const { little = true, nanoseconds = false, linkType = 1, patched = false } = options;
  const magic = patched ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const header = words(little, magic, 0, 0, 0, 262_144, linkType);
  header.set(halves(little, 2, 4), 4);
  const records = packets.flatMap(({ time, frame, captured = frame.length }) => {
    const fraction = nanoseconds ? time % SECOND : (time % SECOND) / 1000n;
    const lengths = [captured, frame.length] as const;
    return [
      words(little, Number(time / SECOND), Number(fraction), ...lengths),
      // Index, protocol and packet type.
      patched ? Buffer.concat([words(little, 1), halves(little, 0x0800, 0)]) : Buffer.alloc(0),
      frame.subarray(0, captured),
    ];
  });
  return Buffer.concat([header, ...records]);
}

/** The length of a record of pcap(), before its bytes. */
export const PCAP_RECORD = 16;
export const PCAP_HEADER = 24;

/** A capture as Solaris writes it. */
export function snoop(packets: readonly CapturedPacket[], type = 4): Buffer {
  const header = [Buffer.from('snoop\0\0\0'), words(false, 2, type)];
  const records = packets.flatMap(({ time, frame, captured = frame.length }) => {
    const data = padded(frame.subarray(0, captured));
    const lengths = [frame.length, captured, SNOOP_RECORD + data.length] as const;
    const at = [Number(time / SECOND), Number((time % SECOND) / 1000n)] as const;
    return [words(false, ...lengths, 0, ...at), data];
  });
  return Buffer.concat([...header, ...records]);
}

export const SNOOP_HEADER = 16;
/** The length of a record, before its bytes. */
export const SNOOP_RECORD = 24;

/** Blocks of pcapng in one byte order. */
export class Pcapng {
  readonly #little: boolean;

  constructor(little = true) {
    this.#little = little;
  }

  section(options: Buffer = Buffer.alloc(0)): Buffer {
    const version = halves(this.#little, 1, 0);
    const length = Buffer.alloc(8, 0xff);
    return this.block(
      0x0a0d0d0a,
      Buffer.concat([this.words(0x1a2b3c4d), version, length, options]),
    );
  }

  interface(linkType = 1, options: Buffer = Buffer.alloc(0)): Buffer {
    return this.block(
      1,
      Buffer.concat([halves(this.#little, linkType, 0), this.words(262_144), options]),
    );
  }

  /** @param ticks in the interface's units */
  packet(
    index: number,
    ticks: bigint,
    frame: Buffer,
    captured = frame.length,
    options = Buffer.alloc(0),
  ): Buffer {
    const [high, low] = [Number(ticks >> 32n), Number(ticks & 0xffff_ffffn)];
    const head = this.words(index, high, low, captured, frame.length);
    return this.block(6, Buffer.concat([head, padded(frame.subarray(0, captured)), options]));
  }

  obsoletePacket(index: number, ticks: bigint, frame: Buffer): Buffer {
    const [high, low] = [Number(ticks >> 32n), Number(ticks & 0xffff_ffffn)];
    const head = [
      halves(this.#little, index, 0),
      this.words(high, low, frame.length, frame.length),
    ];
    return this.block(2, Buffer.concat([...head, padded(frame)]));
  }

  simplePacket(frame: Buffer): Buffer {
    return this.block(3, Buffer.concat([this.words(frame.length), padded(frame)]));
  }

  option(code: number, value: Buffer): Buffer {
    return Buffer.concat([halves(this.#little, code, value.length), padded(value)]);
  }

  block(type: number, body: Buffer): Buffer {
    const length = this.words(body.length + 12);
    return Buffer.concat([this.words(type), length, body, length]);
  }

  words(...values: number[]): Buffer {
    return words(this.#little, ...values);
  }
}

function words(little: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    if (little) bytes.writeUInt32LE(value >>> 0, 4 * index);
    else bytes.writeUInt32BE(value >>> 0, 4 * index);
  });
  return bytes;
}

function halves(little: boolean, ...values: number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, index) => {
    if (little) bytes.writeUInt16LE(value, 2 * index);
    else bytes.writeUInt16BE(value, 2 * index);
  });
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}
