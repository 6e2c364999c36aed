/** Finding the next record of a classic capture where something is missing: records have no mark. */
/** So many in a row that each look like one are records. */
const RECORDS = 3;
/** No packet has more; looking for longer ones would need more bytes than are at hand. */
const MOST_BYTES = 65_536 + 64;
/** On the wire, the kernel's merged packets included. */
const MOST_LENGTH = 1 << 20;
const MOST_U32 = 2 ** 32;
const WEEK_S = 7 * 24 * 3_600;

export interface RecordFormat {
  readonly little: boolean;
  /** Of a second. */
  readonly fractions: number;
  /** Of a record, before its bytes. */
  readonly headerBytes: number;
}

export interface Found {
  /** The record, or the first place that it may begin at once there are more bytes. */
  readonly at: number;
  readonly isFound: boolean;
}

/** Where the first byte is that is not 0; undefined where all are. */
export function zerosEnd(bytes: DataView, start: number, end: number): number | undefined {
  for (let at = start; at < end; at++) if (bytes.getUint8(at) !== 0) return at;
  return undefined;
}

/** @param lastSeconds of the record before the gap; undefined where there was none */
export function findRecord(
  bytes: DataView,
  start: number,
  end: number,
  format: RecordFormat,
  lastSeconds: number | undefined,
): Found {
  const { headerBytes } = format;
  // A record may begin with zeros.
  const zeros = zerosEnd(bytes, start, end) ?? end;
  let at = Math.max(start, zeros - headerBytes + 1);
  let undecided: number | undefined;
  for (; at + headerBytes <= end; at++) {
    // Or the gap has taken the first bytes of its time.
    const isDoubtful = at < zeros && bytes.getUint32(at, format.little) < (lastSeconds ?? MOST_U32);
    const answer = !isDoubtful && areRecords(bytes, at, end, format, lastSeconds);
    if (answer === true) return { at, isFound: true };
    if (answer === undefined) undecided ??= at;
  }
  return { at: undecided ?? at, isFound: false };
}

/** Undefined where that shows only when there are more bytes. */
function areRecords(
  bytes: DataView,
  start: number,
  end: number,
  { little, fractions, headerBytes }: RecordFormat,
  lastSeconds: number | undefined,
): boolean | undefined {
  let near = lastSeconds;
  let at = start;
  for (let record = 0; record < RECORDS; record++) {
    if (at + headerBytes > end) return undefined;
    const seconds = bytes.getUint32(at, little);
    const captured = bytes.getUint32(at + 8, little);
    const length = bytes.getUint32(at + 12, little);
    near ??= seconds;
    const isRecord =
      seconds > 0 &&
      Math.abs(seconds - near) < WEEK_S &&
      bytes.getUint32(at + 4, little) < fractions &&
      captured > 0 &&
      captured <= MOST_BYTES &&
      captured <= length &&
      length <= MOST_LENGTH;
    if (!isRecord) return false;
    at += headerBytes + captured;
  }
  return true;
}
