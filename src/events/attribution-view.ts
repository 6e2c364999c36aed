/** What is told of flows beyond their packets, read in place as view.ts reads events. */
import { LITTLE } from '../core/endianness.js';
import {
  ADDRESS,
  EVENT_HEADER,
  EVENT_TYPE,
  ORIGINAL,
  ORIGINAL_EVENT,
  ORIGINAL_STATE,
  OWNER,
  OWNER_EVENT,
  OWNER_PID,
  SIZE,
} from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { HeaderView, typeOf } from './header-view.js';
import type { AttributionEvent, OriginalEvent, OwnerEvent } from './types.js';

export class AttributionView {
  readonly #owner: OwnerView;
  readonly #original: OriginalView;

  /** @param anonymizer undefined: addresses are shown as they are */
  constructor(anonymizer?: Anonymizer) {
    this.#owner = new OwnerView(anonymizer);
    this.#original = new OriginalView(anonymizer);
  }

  /**
   * What is in the record of `length` bytes at `offset` of `bytes`, or undefined where that is
   * another kind of event. Valid until the next call, and as long as the record is.
   */
  at(bytes: DataView, offset: number, length: number): AttributionEvent | undefined {
    if (length < EVENT_HEADER.size) return undefined;
    const type = typeOf(bytes, offset);
    if (type === EVENT_TYPE.owner && length === OWNER_EVENT.size) {
      return this.#owner.on(bytes, offset);
    }
    if (type === EVENT_TYPE.original && length === ORIGINAL_EVENT.size) {
      return this.#original.on(bytes, offset);
    }
    return undefined;
  }
}

/** Bytes, up to the first 0: of struct owner at `at`. */
export function commAt({ buffer, byteOffset }: DataView, at: number): string {
  const bytes = Buffer.from(buffer, byteOffset + at + OWNER.comm, SIZE.comm);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? SIZE.comm : end);
}

class OwnerView extends HeaderView implements OwnerEvent {
  readonly type = 'owner';

  get cgroup(): bigint {
    return this.bytes.getBigUint64(this.#at + OWNER.cgroup, LITTLE);
  }
  get socketCookie(): bigint {
    return this.bytes.getBigUint64(this.#at + OWNER.socketCookie, LITTLE);
  }
  get uid(): number {
    return this.bytes.getUint32(this.#at + OWNER.uid, LITTLE);
  }
  get pid(): number {
    return this.#pid & OWNER_PID.listens ? 0 : this.#pid;
  }
  get listenerPid(): number {
    return this.#pid & OWNER_PID.listens ? this.#pid - OWNER_PID.listens : 0;
  }
  /** Any bytes but 0, up to the first 0. */
  get comm(): string {
    return commAt(this.bytes, this.#at);
  }

  get #pid(): number {
    return this.bytes.getUint32(this.#at + OWNER.pid, LITTLE);
  }
  get #at(): number {
    return this.offset + OWNER_EVENT.owner;
  }
}

class OriginalView extends HeaderView implements OriginalEvent {
  readonly type = 'original';

  get originalSrcAddress(): Uint8Array {
    return this.address(ORIGINAL_EVENT.original + ORIGINAL.address);
  }
  get originalDestAddress(): Uint8Array {
    return this.address(ORIGINAL_EVENT.original + ORIGINAL.address + ADDRESS.size);
  }
  get originalSrcPort(): number {
    return this.bytes.getUint16(this.#at + ORIGINAL.port, LITTLE);
  }
  get originalDestPort(): number {
    return this.bytes.getUint16(this.#at + ORIGINAL.port + 2, LITTLE);
  }
  get isDisputed(): boolean {
    const state = this.bytes.getUint32(this.#at + ORIGINAL.state, LITTLE);
    return state === ORIGINAL_STATE.disputed;
  }

  get #at(): number {
    return this.offset + ORIGINAL_EVENT.original;
  }
}
