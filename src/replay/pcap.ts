/** The classic capture format: draft-ietf-opsawg-pcap. */
import { type Batch, PACKET_WORDS, writePacket } from './batch.js';
import { linkLayerFor, secondsAnd, unsupportedText } from './interfaces.js';
import { findRecord, type RecordFormat, zerosEnd } from './pcap-gap.js';
import {
  type CaptureReader,
  MOST_CAPTURED,
  type OnInterface,
  UnreadableCapture,
} from './reader.js';

export const PCAP_HEADER_BYTES = 24;
const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** Kuznetsov's, of old Linux distributions: microseconds. */
const KUZNETSOV = 0xa1b2cd34;
const RECORD_HEADER_BYTES = 16;
/**
 * The interface's index, protocol and packet type come after the rest. They are not used: what converts
 * to this format (editcap) leaves them 0, which would say that all packets came in.
 */
const KUZNETSOV_RECORD_HEADER_BYTES = RECORD_HEADER_BYTES + 8;
const MAJOR_VERSION = 2;
/** Of DG/UX, whose tcpdump wrote this for a major version. */
const DGUX_VERSION = 543;
/** From here on the captured length comes first; before it came last, and in this version one or the other. */
const AMBIGUOUS_MINOR_VERSION = 3;
/** What is above is about the frame check sequence. */
const LINK_TYPE_MASK = 0x03ffffff;

/** Whether a record's two lengths are in the other order. */
type Swapped = 'never' | 'where longer' | 'always';

export function isPcap(header: DataView): boolean {
  return orderOf(header) !== undefined;
}

export class PcapReader implements CaptureReader {
  readonly isBetweenRecords = true;
  readonly isAtSection = false;
  readonly remarks = [];
  readonly refusal = undefined;
  readonly #format: RecordFormat;
  readonly #swapped: Swapped;
  #damage: string | undefined;
  #gap: string | undefined;
  /** Whether it is behind a gap, and has not found a record there yet. */
  #isLost = false;
  /** Where it stands in the capture. */
  #offset = PCAP_HEADER_BYTES;
  #lastSeconds: number | undefined;

  /** @param header the first PCAP_HEADER_BYTES. Throws an UnreadableCapture. */
  constructor(header: DataView, onInterface: OnInterface) {
    const little = orderOf(header) ?? true;
    const version = header.getUint16(4, little);
    if (version !== MAJOR_VERSION && version !== DGUX_VERSION) {
      throw new UnreadableCapture(`pcap of version ${version} is not supported`);
    }
    this.#swapped = swappedIn(version, header.getUint16(6, little));
    const linkType = header.getUint32(20, little) & LINK_TYPE_MASK;
    const linkLayer = linkLayerFor(linkType);
    if (linkLayer === undefined) throw new UnreadableCapture(unsupportedText(linkType));
    const magic = header.getUint32(0, little);
    const time = secondsAnd(magic === NANOSECONDS ? 'nanoseconds' : 'microseconds');
    const headerBytes = magic === KUZNETSOV ? KUZNETSOV_RECORD_HEADER_BYTES : RECORD_HEADER_BYTES;
    this.#format = { little, fractions: Number(time.highWeight), headerBytes };
    onInterface(0, { linkLayer, time });
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  get gap(): string | undefined {
    return this.#gap;
  }

  read(bytes: DataView, start: number, end: number, batch: Batch): number {
    let at = start;
    do {
      if (this.#isLost) at = this.#find(bytes, at, end);
      if (this.#isLost) break;
      at = this.#readRecords(bytes, at, end, batch, this.#offset + (at - start));
    } while (this.#isLost);
    this.#offset += at - start;
    return at;
  }

  #readRecords(bytes: DataView, start: number, end: number, batch: Batch, offset: number): number {
    // Once per packet, millions of times: no calls on the batch, no fields of its or ours.
    const { words } = batch;
    const { little, headerBytes } = this.#format;
    const mayBeSwapped = this.#swapped !== 'never';
    let row = batch.count * PACKET_WORDS;
    let at = start;
    let seconds = 0;
    while (at + headerBytes <= end && row < words.length) {
      let captured = bytes.getUint32(at + 8, little);
      let length = bytes.getUint32(at + 12, little);
      if (mayBeSwapped && this.#isSwapped(captured, length)) {
        [captured, length] = [length, captured];
      }
      if (captured > MOST_CAPTURED) {
        this.#damage = `a record that claims to have ${captured} bytes`;
        break;
      }
      if (captured === 0 && length === 0 && this.#isHeader(bytes, at)) {
        this.#damage = 'another capture begins (give -r each of them instead of joining them)';
        break;
      }
      if (captured === 0 && zerosEnd(bytes, at, at + headerBytes) === undefined) {
        // The zeros may have begun within the record before.
        if (at > start && bytes.getUint8(at - 1) === 0) row -= PACKET_WORDS;
        this.#beginGap(offset + (at - start));
        break;
      }
      const data = at + headerBytes;
      if (data + captured > end) break;
      seconds = bytes.getUint32(at, little);
      const fraction = bytes.getUint32(at + 4, little);
      writePacket(words, row, data, captured, length, seconds, fraction, 0);
      row += PACKET_WORDS;
      at = data + captured;
    }
    if (seconds > 0) this.#lastSeconds = seconds;
    batch.count = row / PACKET_WORDS;
    return at;
  }

  /** As in files joined with cat. As a record it would be one without bytes, dated 2055. */
  #isHeader(bytes: DataView, at: number): boolean {
    return isPcap(new DataView(bytes.buffer, bytes.byteOffset + at, RECORD_HEADER_BYTES));
  }

  #isSwapped(captured: number, length: number): boolean {
    return this.#swapped === 'always' || captured > length;
  }

  #beginGap(offset: number): void {
    this.#gap ??= `zeros instead of a record, at byte ${offset}`;
    this.#isLost = true;
  }

  /** The first record behind a gap, or where to look for it when there is more. */
  #find(bytes: DataView, start: number, end: number): number {
    const { at, isFound } = findRecord(bytes, start, end, this.#format, this.#lastSeconds);
    this.#isLost = !isFound;
    return at;
  }
}

/** As libpcap has it (sf-pcap.c). */
function swappedIn(version: number, minor: number): Swapped {
  if (version === DGUX_VERSION || minor === AMBIGUOUS_MINOR_VERSION) return 'where longer';
  return minor < AMBIGUOUS_MINOR_VERSION ? 'always' : 'never';
}

/** True for little-endian; undefined where it is no pcap at all. */
function orderOf(header: DataView): boolean | undefined {
  if (header.byteLength < 4) return undefined;
  return [true, false].find((little) => {
    const magic = header.getUint32(0, little);
    return magic === MICROSECONDS || magic === NANOSECONDS || magic === KUZNETSOV;
  });
}
