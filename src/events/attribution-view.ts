/** What is told of flows beyond their packets, read in place as view.ts reads events. */
import { LITTLE } from '../core/endianness.js';
import { EVENT_TYPE, HEADER, ORIGINAL, ORIGINAL_STATE, OWNER } from './layout.js';
import type { AttributionEvent, OriginalEvent, OwnerEvent } from './types.js';
import { HeaderView } from './view.js';

const ADDRESS_BYTES = 16;
/** TASK_COMM_LEN */
const COMM_BYTES = 16;

export class AttributionView {
  readonly #owner = new OwnerView();
  readonly #original = new OriginalView();

  /**
   * What is in the record of `length` bytes at `offset` of `bytes`, or undefined where that is
   * another kind of event. Valid until the next call, and as long as the record is.
   */
  at(bytes: DataView, offset: number, length: number): AttributionEvent | undefined {
    if (length < HEADER.size) return undefined;
    const type = bytes.getUint8(offset + HEADER.type);
    if (type === EVENT_TYPE.owner && length === OWNER.size) return this.#owner.on(bytes, offset);
    if (type === EVENT_TYPE.original && length === ORIGINAL.size) {
      return this.#original.on(bytes, offset);
    }
    return undefined;
  }
}

class OwnerView extends HeaderView implements OwnerEvent {
  readonly type = 'owner';

  get cgroup(): bigint {
    return this.bytes.getBigUint64(this.offset + OWNER.cgroup, LITTLE);
  }
  get socketCookie(): bigint {
    return this.bytes.getBigUint64(this.offset + OWNER.socketCookie, LITTLE);
  }
  get uid(): number {
    return this.bytes.getUint32(this.offset + OWNER.uid, LITTLE);
  }
  get pid(): number {
    return this.bytes.getUint32(this.offset + OWNER.pid, LITTLE);
  }
  /** Any bytes but 0, up to the first 0. */
  get comm(): string {
    const { buffer, byteOffset } = this.bytes;
    const bytes = Buffer.from(buffer, byteOffset + this.offset + OWNER.comm, COMM_BYTES);
    const end = bytes.indexOf(0);
    return bytes.toString('utf8', 0, end < 0 ? COMM_BYTES : end);
  }
}

class OriginalView extends HeaderView implements OriginalEvent {
  readonly type = 'original';

  get originalSrcAddress(): Uint8Array {
    return this.address(ORIGINAL.address);
  }
  get originalDestAddress(): Uint8Array {
    return this.address(ORIGINAL.address + ADDRESS_BYTES);
  }
  get originalSrcPort(): number {
    return this.bytes.getUint16(this.offset + ORIGINAL.port, LITTLE);
  }
  get originalDestPort(): number {
    return this.bytes.getUint16(this.offset + ORIGINAL.port + 2, LITTLE);
  }
  get isDisputed(): boolean {
    const state = this.bytes.getUint32(this.offset + ORIGINAL.state, LITTLE);
    return state === ORIGINAL_STATE.disputed;
  }
}
