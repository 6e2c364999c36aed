/** What all events begin with, read where it is. */
import * as machine from '../core/endianness.js';
import { ADDRESS, EVENT_HEADER, PROTOCOL, RTT_EVENT, VERSION_TYPE } from '../core/layouts.js';
import type { Anonymizer } from './anonymizer.js';
import { PROTOCOL_NAMES, type Protocol } from './names.js';
import type { Common } from './types.js';

/** A record that is not one of ours: short, long, of an unknown kind or with impossible content. */
export class UndecodableRecord extends Error {}

/** Constants of this module's own: engines take none that is imported for one. */
const { LITTLE } = machine;
const {
  timestamp: TIMESTAMP,
  flowId: FLOW_ID,
  place: PLACE,
  src: SRC,
  dest: DEST,
  srcPort: SRC_PORT,
  destPort: DEST_PORT,
  versionType: VERSION_AND_TYPE,
  protocol: PROTOCOL_CODE,
} = EVENT_HEADER;
const { bits: TYPE_BITS } = VERSION_TYPE;
const TYPE_MASK = (1 << TYPE_BITS) - 1;
const [LOW, HIGH] = LITTLE ? [0, 4] : [4, 0];
const TWO_TO_32 = 0x1_0000_0000;
/** Of the upper half of a number that JavaScript has exactly: 2^53 ns are 104 days, 2^53 bytes 9 PB. */
const MOST_HIGH = 0x1f_ffff;

export const PROTOCOLS = namesByCode(PROTOCOL, PROTOCOL_NAMES);

/** What all events begin with. */
export abstract class HeaderView implements Common {
  protected bytes: DataView = new DataView(new ArrayBuffer(RTT_EVENT.size));
  protected offset = 0;
  protocol: Protocol = 'TCP';
  readonly #anonymizer: Anonymizer | undefined;
  readonly #src = new AddressRoom();
  readonly #dest = new AddressRoom();
  readonly #copied = new AddressRoom();

  /** @param anonymizer undefined: addresses are shown as they are */
  constructor(anonymizer: Anonymizer | undefined) {
    this.#anonymizer = anonymizer;
  }

  get timestamp(): bigint {
    return this.bytes.getBigUint64(this.offset + TIMESTAMP, LITTLE);
  }
  get timestampHigh(): number {
    return this.bytes.getUint32(this.offset + TIMESTAMP + HIGH, LITTLE);
  }
  get timestampLow(): number {
    return this.bytes.getUint32(this.offset + TIMESTAMP + LOW, LITTLE);
  }
  get flowId(): number {
    return this.number(FLOW_ID);
  }
  get place(): number {
    return this.bytes.getUint16(this.offset + PLACE, LITTLE);
  }
  get ipVersion(): 4 | 6 {
    return versionOf(this.bytes, this.offset) === 4 ? 4 : 6;
  }
  /** A copy, each time. */
  get srcAddress(): Uint8Array {
    return this.address(SRC);
  }
  get destAddress(): Uint8Array {
    return this.address(DEST);
  }
  get srcAddressInPlace(): Uint8Array {
    return this.#told(this.#addressIn(this.#src, SRC));
  }
  get destAddressInPlace(): Uint8Array {
    return this.#told(this.#addressIn(this.#dest, DEST));
  }
  get addressOrder(): number | undefined {
    if (!this.#anonymizer) return undefined;
    const src = this.#addressIn(this.#src, SRC);
    return Buffer.compare(src, this.#addressIn(this.#dest, DEST));
  }
  get srcPort(): number {
    return this.bytes.getUint16(this.offset + SRC_PORT, LITTLE);
  }
  get destPort(): number {
    return this.bytes.getUint16(this.offset + DEST_PORT, LITTLE);
  }

  /** Moves it to the record at `offset`. Throws UndecodableRecord. */
  on(bytes: DataView, offset: number): this {
    this.move(bytes, offset);
    return this;
  }

  protected move(bytes: DataView, offset: number): void {
    this.bytes = bytes;
    this.offset = offset;
    const version = versionOf(bytes, offset);
    if (version !== 4 && version !== 6) throw new UndecodableRecord(`IP version ${version}`);
    this.protocol = named('protocol', PROTOCOLS, bytes.getUint8(offset + PROTOCOL_CODE));
    this.check(FLOW_ID);
  }

  /** That number() is exact. */
  protected check(field: number): void {
    this.checkHigh(highAt(this.bytes, this.offset + field));
  }

  /** The same of its upper half, or of several of them, one over the other. */
  protected checkHigh(high: number): void {
    if (high >>> 0 > MOST_HIGH) throw new UndecodableRecord('a value above 2^53');
  }

  protected number(field: number): number {
    return numberAt(this.bytes, this.offset + field);
  }

  protected address(field: number): Uint8Array {
    return this.#told(new Uint8Array(this.#addressIn(this.#copied, field)));
  }

  /** As it is. */
  #addressIn(room: AddressRoom, field: number): Uint8Array {
    return room.copy(this.bytes, this.offset + field);
  }

  /** What is shown of it. */
  #told(address: Uint8Array): Uint8Array {
    return this.#anonymizer ? this.#anonymizer.addressOf(address, this.ipVersion) : address;
  }
}

/** For one address after the other: each array takes longer to make than a line's address to write. */
class AddressRoom {
  readonly #address = new Uint8Array(ADDRESS.size);
  readonly #view = new DataView(this.#address.buffer);

  copy(bytes: DataView, at: number): Uint8Array {
    const view = this.#view;
    view.setUint32(0, bytes.getUint32(at, true), true);
    view.setUint32(4, bytes.getUint32(at + 4, true), true);
    view.setUint32(8, bytes.getUint32(at + 8, true), true);
    view.setUint32(12, bytes.getUint32(at + 12, true), true);
    return this.#address;
  }
}

/** An EVENT_TYPE, of the event whose record is at `offset`. */
export function typeOf(bytes: DataView, offset: number): number {
  return bytes.getUint8(offset + VERSION_AND_TYPE) & TYPE_MASK;
}

/** 4 or 6, or what a broken record has there. */
function versionOf(bytes: DataView, offset: number): number {
  return bytes.getUint8(offset + VERSION_AND_TYPE) >> TYPE_BITS;
}

/** The upper half of a number of 64 bits. */
export function highAt(bytes: DataView, at: number): number {
  return bytes.getUint32(at + HIGH, LITTLE);
}

/** That HeaderView's check() has found exact. Most fit 32 bits, and whole numbers cost the least. */
export function numberAt(bytes: DataView, at: number): number {
  const high = highAt(bytes, at);
  const low = bytes.getUint32(at + LOW, LITTLE);
  return high === 0 ? low : high * TWO_TO_32 + low;
}

export function named<Name extends string>(
  what: string,
  names: readonly Name[],
  code: number,
): Name {
  const name = names[code];
  if (name === undefined) throw new UndecodableRecord(`unknown ${what} ${code}`);
  return name;
}

/** The names at the index of their codes. */
export function namesByCode<Key extends string, Name extends string>(
  codes: Readonly<Record<Key, number>>,
  names: Readonly<Record<Key, Name>>,
): Name[] {
  const byCode: Name[] = [];
  for (const [key, code] of Object.entries(codes) as [Key, number][]) byCode[code] = names[key];
  return byCode;
}
