/** Interface description blocks of pcapng: draft-ietf-opsawg-pcapng, 4.2. */
import { INPUT_LIMIT } from '../core/layouts.js';
import { count } from '../text/units.js';
import { linkLayerFor, type TimeUnits, unsupportedText } from './interfaces.js';
import type { OnInterface } from './reader.js';

const FIXED_BYTES = 8;
const OPTION_HEADER_BYTES = 4;
const END_OF_OPTIONS = 0;
const NAME = 2;
const TIME_RESOLUTION = 9;
const TIME_OFFSET = 14;

const MICROSECONDS = 6;
/** 2^-34 s are 58 ps; nobody's clock is finer, and 64 bits have to do. */
const MOST_BINARY_DIGITS = 34;
const MOST_DECIMAL_DIGITS = 18;
/** Far beyond what times there are, and far from the end of 64 bits. */
const MOST_OFFSET_S = 2n ** 32n;

/** Why packets cannot be read: their link type, or what is wrong with their times. */
type Reason = number | string;

/** Those of the section at hand. */
export class InterfaceBlocks {
  readonly #onInterface: OnInterface;
  /** Undefined where its packets can be read. */
  #reasons: (Reason | undefined)[] = [];
  /** Packets that were left out. */
  readonly #unreadable = new Map<Reason, number>();
  #hasReadable = false;

  constructor(onInterface: OnInterface) {
    this.#onInterface = onInterface;
  }

  get remarks(): readonly string[] {
    return [...this.#unreadable].map(
      ([reason, packets]) => `${count(packets, 'packet')} left out: ${textOf([reason])}`,
    );
  }

  /** Undefined where a packet could be read, or there is none. */
  get refusal(): string | undefined {
    if (this.#hasReadable || this.#unreadable.size === 0) return undefined;
    return textOf([...this.#unreadable.keys()]);
  }

  /** Interfaces are numbered anew in each section. */
  beginSection(): void {
    this.#reasons = [];
  }

  /**
   * Takes the body of a block.
   * @returns what is wrong with it, if anything
   */
  add(bytes: DataView, start: number, end: number, little: boolean): string | undefined {
    const index = this.#reasons.length;
    if (end - start < FIXED_BYTES) return 'an interface description too short';
    if (index === INPUT_LIMIT.interfaces) return `more than ${INPUT_LIMIT.interfaces} interfaces`;
    const linkType = bytes.getUint16(start, little);
    const linkLayer = linkLayerFor(linkType);
    const options = optionsOf(bytes, start + FIXED_BYTES, end, little);
    const reason = linkLayer === undefined ? linkType : unreadableTimes(options);
    this.#reasons.push(reason);
    const name = options.name === '' ? {} : { name: options.name };
    if (linkLayer !== undefined && reason === undefined) {
      this.#onInterface(index, { linkLayer, time: timeUnits(options), ...name });
    }
    return undefined;
  }

  /** A packet of this interface. @returns whether it can be read; undefined where there is no such interface */
  take(index: number): boolean | undefined {
    if (index >= this.#reasons.length) return undefined;
    const reason = this.#reasons[index];
    if (reason === undefined) {
      this.#hasReadable = true;
      return true;
    }
    this.#unreadable.set(reason, (this.#unreadable.get(reason) ?? 0) + 1);
    return false;
  }
}

interface Options {
  /** if_tsresol: a power of 10, or with the highest bit of 2. */
  readonly resolution: number;
  /** if_tsoffset, in seconds. */
  readonly offset: bigint;
  /** if_name; '' where there is none. */
  readonly name: string;
}

function optionsOf(bytes: DataView, start: number, end: number, little: boolean): Options {
  let [resolution, offset, name] = [MICROSECONDS, 0n, ''];
  for (let at = start; at + OPTION_HEADER_BYTES <= end; ) {
    const code = bytes.getUint16(at, little);
    const length = bytes.getUint16(at + 2, little);
    const value = at + OPTION_HEADER_BYTES;
    if (code === END_OF_OPTIONS || value + length > end) break;
    if (code === NAME) name = textIn(bytes, value, length);
    if (code === TIME_RESOLUTION && length === 1) resolution = bytes.getUint8(value);
    if (code === TIME_OFFSET && length === 8) offset = bytes.getBigInt64(value, little);
    at = value + Math.ceil(length / 4) * 4;
  }
  return { resolution, offset, name };
}

function textIn(bytes: DataView, at: number, length: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString();
}

/** How times are given that cannot be read; undefined where they can be. */
function unreadableTimes({ resolution, offset }: Options): string | undefined {
  const { digits, isBinary } = digitsOf(resolution);
  if (digits > (isBinary ? MOST_BINARY_DIGITS : MOST_DECIMAL_DIGITS)) {
    return `times in units of ${isBinary ? 2 : 10}^-${digits} s are not supported (supported: down to 10^-${MOST_DECIMAL_DIGITS} and 2^-${MOST_BINARY_DIGITS} s)`;
  }
  if (offset > MOST_OFFSET_S || offset < -MOST_OFFSET_S) {
    return `times shifted by ${offset} s are not supported (supported: up to 2^32 s)`;
  }
  return undefined;
}

function timeUnits({ resolution, offset }: Options): TimeUnits {
  const { digits, isBinary } = digitsOf(resolution);
  return {
    highWeight: 2n ** 32n,
    multiplier: isBinary ? 1n : 10n ** BigInt(Math.max(0, 9 - digits)),
    divisor: isBinary ? 1n : 10n ** BigInt(Math.max(0, digits - 9)),
    binaryDigits: isBinary ? digits : 0,
    offset,
  };
}

function digitsOf(resolution: number) {
  const digits = resolution & 0x7f;
  return { digits, isBinary: resolution > 0x7f && digits > 0 };
}

function textOf(reasons: readonly Reason[]): string {
  const linkTypes = reasons.filter((reason) => typeof reason === 'number');
  const others = reasons.filter((reason) => typeof reason === 'string');
  return [...(linkTypes.length > 0 ? [unsupportedText(...linkTypes)] : []), ...others].join('; ');
}
