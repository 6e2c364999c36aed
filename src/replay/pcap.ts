/** The classic capture format: draft-ietf-opsawg-pcap. */
import { type Batch, PACKET_WORDS, writePacket } from './batch.js';
import { KNOWN_LINK_TYPES, linkLayerFor, type TimeUnits } from './interfaces.js';
import {
  type CaptureReader,
  MOST_CAPTURED,
  type OnInterface,
  UnreadableCapture,
} from './reader.js';

export const PCAP_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const MAJOR_VERSION = 2;
/** What is above is about the frame check sequence. */
const LINK_TYPE_MASK = 0x03ffffff;

export function isPcap(header: DataView): boolean {
  return orderOf(header) !== undefined;
}

export class PcapReader implements CaptureReader {
  readonly isBetweenRecords = true;
  readonly remarks = [];
  readonly #little: boolean;
  #damage: string | undefined;

  /** @param header the first PCAP_HEADER_BYTES. Throws an UnreadableCapture. */
  constructor(header: DataView, onInterface: OnInterface) {
    this.#little = orderOf(header) ?? true;
    const version = header.getUint16(4, this.#little);
    if (version !== MAJOR_VERSION) {
      throw new UnreadableCapture(`pcap of version ${version} is not supported`);
    }
    const linkType = header.getUint32(20, this.#little) & LINK_TYPE_MASK;
    const linkLayer = linkLayerFor(linkType);
    if (linkLayer === undefined) {
      throw new UnreadableCapture(
        `link type ${linkType} is not supported (there are: ${KNOWN_LINK_TYPES})`,
      );
    }
    const isNanoseconds = header.getUint32(0, this.#little) === NANOSECONDS;
    onInterface(0, { linkLayer, time: timeUnits(isNanoseconds) });
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  read(bytes: DataView, start: number, end: number, batch: Batch): number {
    // Once per packet, millions of times: no calls on the batch, no fields of its or ours.
    const { words } = batch;
    const little = this.#little;
    let row = batch.count * PACKET_WORDS;
    let at = start;
    while (at + RECORD_HEADER_BYTES <= end && row < words.length) {
      const captured = bytes.getUint32(at + 8, little);
      if (captured > MOST_CAPTURED) {
        this.#damage = `a record that claims to have ${captured} bytes`;
        break;
      }
      const data = at + RECORD_HEADER_BYTES;
      if (data + captured > end) break;
      const length = bytes.getUint32(at + 12, little);
      const seconds = bytes.getUint32(at, little);
      const fraction = bytes.getUint32(at + 4, little);
      writePacket(words, row, data, captured, length, seconds, fraction, 0);
      row += PACKET_WORDS;
      at = data + captured;
    }
    batch.count = row / PACKET_WORDS;
    return at;
  }
}

/** True for little-endian; undefined where it is no pcap at all. */
function orderOf(header: DataView): boolean | undefined {
  if (header.byteLength < 4) return undefined;
  return [true, false].find((little) => {
    const magic = header.getUint32(0, little);
    return magic === MICROSECONDS || magic === NANOSECONDS;
  });
}

/** Seconds and a fraction. */
function timeUnits(isNanoseconds: boolean): TimeUnits {
  return {
    highWeight: isNanoseconds ? 1_000_000_000n : 1_000_000n,
    multiplier: isNanoseconds ? 1n : 1000n,
    divisor: 1n,
    binaryDigits: 0,
    offset: 0n,
  };
}
