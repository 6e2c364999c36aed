/** The capture format of Solaris: RFC 1761. */
import type { Batch } from './batch.js';
import { secondsAnd } from './interfaces.js';
import {
  type CaptureReader,
  MOST_CAPTURED,
  type OnInterface,
  UnreadableCapture,
} from './reader.js';

export const SNOOP_HEADER_BYTES = 16;
/** "snoop", and zeros. */
const MAGIC = 0x736e_6f6f_7000_0000n;
const VERSION = 2;
/** Of a record, before its bytes: two lengths of the packet, one of the record, drops, and the time. */
const RECORD_HEADER_BYTES = 24;
/** More padding than there is any reason for. */
const MOST_RECORD = 2 * MOST_CAPTURED;
/** Datalink types: IEEE 802.3 and Ethernet. */
const ETHERNET = [0, 4];

export function isSnoop(start: DataView): boolean {
  return start.byteLength >= 8 && start.getBigUint64(0) === MAGIC;
}

export class SnoopReader implements CaptureReader {
  readonly gap = undefined;
  readonly isAtSection = false;
  readonly isBetweenRecords = true;
  readonly remarks = [];
  readonly refusal = undefined;
  #damage: string | undefined;

  /** @param header the first SNOOP_HEADER_BYTES. Throws an UnreadableCapture. */
  constructor(header: DataView, onInterface: OnInterface) {
    const version = header.getUint32(8);
    if (version !== VERSION) {
      throw new UnreadableCapture(`snoop of version ${version} is not supported`);
    }
    const type = header.getUint32(12);
    if (!ETHERNET.includes(type)) {
      throw new UnreadableCapture(
        `datalink type ${type} is not supported in snoop files (supported: Ethernet)`,
      );
    }
    onInterface(0, { linkLayer: 'ethernet', time: secondsAnd('microseconds') });
  }

  get damage(): string | undefined {
    return this.#damage;
  }

  read(bytes: DataView, start: number, end: number, batch: Batch): number {
    let at = start;
    while (at + RECORD_HEADER_BYTES <= end && !batch.isFull) {
      const captured = bytes.getUint32(at + 4);
      const record = bytes.getUint32(at + 8);
      if (captured > MOST_CAPTURED || record > MOST_RECORD) {
        this.#damage = `a record that claims to have ${Math.max(captured, record)} bytes`;
        break;
      }
      if (record < RECORD_HEADER_BYTES + captured) {
        this.#damage = 'a record whose packet is longer than itself';
        break;
      }
      if (at + record > end) break;
      const [seconds, microseconds] = [bytes.getUint32(at + 16), bytes.getUint32(at + 20)];
      const data = at + RECORD_HEADER_BYTES;
      batch.add(data, captured, bytes.getUint32(at), seconds, microseconds, 0);
      at += record;
    }
    return at;
  }
}
