/** The newer capture format: draft-ietf-opsawg-pcapng. */
import { HOOK } from '../core/layouts.js';
import { count } from '../text/units.js';
import type { Batch } from './batch.js';
import { InterfaceBlocks } from './interface-blocks.js';
import { type CaptureReader, MOST_CAPTURED, type OnInterface } from './reader.js';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const MAJOR_VERSION = 1;
/** Type, length, and the length again at its end. */
const LEAST_BLOCK_BYTES = 12;
const SECTION_HEADER_BYTES = 28;
/** Up to its data, from the block's start. */
const PACKET_HEADER_BYTES = 28;
/** Of blocks that are read, and not skipped: a packet with its options, generously. */
const MOST_BLOCK_BYTES = 2 * MOST_CAPTURED;

/** epb_flags, and pack_flags of the obsolete block: a header of four bytes, and four of flags. */
const FLAGS = 2;
const FLAGS_OPTION_BYTES = 8;
const END_OF_OPTIONS = 0;
const DIRECTION_MASK = 3;
/** By the direction that the flags say. */
const HOOKS: readonly (number | undefined)[] = [undefined, HOOK.ingress, HOOK.egress, undefined];

/** Block types that are read; the others are skipped. */
const READ = new Set([ENHANCED_PACKET, OBSOLETE_PACKET, INTERFACE_DESCRIPTION]);

export function isPcapng(header: DataView): boolean {
  return header.byteLength >= 4 && header.getUint32(0) === SECTION_HEADER;
}

export class PcapngReader implements CaptureReader {
  readonly gap = undefined;
  isAtSection = false;
  readonly #interfaces: InterfaceBlocks;
  #little = true;
  /** Of a block that is not read, how many bytes are still to come. */
  #skipping = 0;
  #withoutTime = 0;
  #damage: string | undefined;

  constructor(onInterface: OnInterface) {
    this.#interfaces = new InterfaceBlocks(onInterface);
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  get isBetweenRecords(): boolean {
    return this.#skipping === 0;
  }

  get remarks(): readonly string[] {
    const withoutTime = `${count(this.#withoutTime, 'packet')} left out: no timestamp (simple packet blocks)`;
    return [...this.#interfaces.remarks, ...(this.#withoutTime > 0 ? [withoutTime] : [])];
  }

  get refusal(): string | undefined {
    return this.#interfaces.refusal;
  }

  read(bytes: DataView, start: number, end: number, batch: Batch): number {
    let at = this.#skip(start, end);
    this.isAtSection = false;
    while (at + LEAST_BLOCK_BYTES <= end && !batch.isFull) {
      const isSection = bytes.getUint32(at) === SECTION_HEADER;
      // Packets of the section before still need its interfaces.
      this.isAtSection = isSection && batch.count > 0;
      if (this.isAtSection) break;
      if (isSection && !this.#beginSection(bytes, at, end)) break;
      const type = bytes.getUint32(at, this.#little);
      const length = this.#blockLength(bytes, at, type);
      if (length === undefined) break;
      if (READ.has(type)) {
        if (at + length > end) break;
        this.#take(bytes, at, length, type, batch);
        if (this.#damage !== undefined) break;
      }
      if (type === SIMPLE_PACKET) this.#withoutTime++;
      this.#skipping = length;
      at = this.#skip(at, end);
    }
    return at;
  }

  #skip(at: number, end: number): number {
    const skipped = Math.min(this.#skipping, end - at);
    this.#skipping -= skipped;
    return at + skipped;
  }

  /** @returns false where it cannot be read, or not yet */
  #beginSection(bytes: DataView, at: number, end: number): boolean {
    if (at + SECTION_HEADER_BYTES > end) return false;
    const little = [true, false].find(
      (order) => bytes.getUint32(at + 8, order) === BYTE_ORDER_MAGIC,
    );
    if (little === undefined) return this.#fail('a section without a byte order');
    this.#little = little;
    const version = bytes.getUint16(at + 12, little);
    if (version !== MAJOR_VERSION) return this.#fail(`a section of pcapng version ${version}`);
    this.#interfaces.beginSection();
    return true;
  }

  /** Undefined where it makes no sense. */
  #blockLength(bytes: DataView, at: number, type: number): number | undefined {
    const length = bytes.getUint32(at + 4, this.#little);
    const least = type === SECTION_HEADER ? SECTION_HEADER_BYTES : LEAST_BLOCK_BYTES;
    const isTooLong = READ.has(type) && length > MOST_BLOCK_BYTES;
    if (length >= least && length % 4 === 0 && !isTooLong) return length;
    this.#fail(`a block that claims to have ${count(length, 'byte')}`);
    return undefined;
  }

  /** Takes the whole block of `length` bytes. */
  #take(bytes: DataView, at: number, length: number, type: number, batch: Batch): void {
    if (bytes.getUint32(at + length - 4, this.#little) !== length) {
      this.#fail('a block whose two lengths differ');
      return;
    }
    if (type === INTERFACE_DESCRIPTION) {
      const problem = this.#interfaces.add(bytes, at + 8, at + length - 4, this.#little);
      if (problem !== undefined) this.#fail(problem);
      return;
    }
    this.#takePacket(bytes, at, length, batch, type === OBSOLETE_PACKET);
  }

  #takePacket(
    bytes: DataView,
    at: number,
    blockLength: number,
    batch: Batch,
    isObsolete: boolean,
  ): void {
    const little = this.#little;
    if (blockLength < PACKET_HEADER_BYTES + 4) return void this.#fail('a packet block too short');
    const index = isObsolete ? bytes.getUint16(at + 8, little) : bytes.getUint32(at + 8, little);
    const captured = bytes.getUint32(at + 20, little);
    if (captured > blockLength - PACKET_HEADER_BYTES - 4) {
      return void this.#fail(`a packet that claims to have ${count(captured, 'byte')}`);
    }
    const isReadable = this.#interfaces.take(index);
    if (isReadable === undefined) {
      return void this.#fail(`a packet of interface ${index}, which has no description`);
    }
    if (!isReadable) return;
    const length = bytes.getUint32(at + 24, little);
    const [high, low] = [bytes.getUint32(at + 12, little), bytes.getUint32(at + 16, little)];
    batch.add(at + PACKET_HEADER_BYTES, captured, length, high, low, index);
    const options = at + PACKET_HEADER_BYTES + Math.ceil(captured / 4) * 4;
    const end = at + blockLength - 4;
    if (options + FLAGS_OPTION_BYTES > end) return;
    const hook = HOOKS[this.#flagsIn(bytes, options, end) & DIRECTION_MASK];
    if (hook !== undefined) batch.mark({ hook, toThisHost: false, segments: 0 });
  }

  /** The packet's flags, as far as they are told. */
  #flagsIn(bytes: DataView, options: number, end: number): number {
    const little = this.#little;
    for (let at = options; at + FLAGS_OPTION_BYTES <= end; ) {
      const code = bytes.getUint16(at, little);
      const length = bytes.getUint16(at + 2, little);
      if (code === FLAGS && length === 4) return bytes.getUint32(at + 4, little);
      if (code === END_OF_OPTIONS) break;
      at += 4 + Math.ceil(length / 4) * 4;
    }
    return 0;
  }

  #fail(what: string): false {
    this.#damage = what;
    return false;
  }
}
