/**
 * Whole numbers in as few bytes as they need, seven bits in each, the lowest first (LEB128). RTTs in
 * nanoseconds do not fit 32 bits; as doubles they would take twice the room, also when deflated.
 */

/** @param values whole, from 0 up to 2^53 */
export function encodeVarints(values: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(encodedLength(values));
  let at = 0;
  for (let index = 0; index < values.length; index++) {
    let value = values[index] as number;
    for (; value >= 128; value = Math.floor(value / 128)) bytes[at++] = (value % 128) + 128;
    bytes[at++] = value;
  }
  return bytes;
}

export function decodeVarints(bytes: Uint8Array, into: Float64Array | Uint32Array): void {
  let at = 0;
  for (let index = 0; index < into.length; index++) {
    let byte = bytes[at++] as number;
    let value = byte & 127;
    for (let unit = 128; byte >= 128; unit *= 128) {
      byte = bytes[at++] as number;
      value += (byte & 127) * unit;
    }
    into[index] = value;
  }
}

/** How many numbers there are: the last byte of each is below 128. */
export function countVarints(bytes: Uint8Array): number {
  return bytes.reduce((count, byte) => count + (byte < 128 ? 1 : 0), 0);
}

function encodedLength(values: ArrayLike<number>): number {
  let length = values.length;
  for (let index = 0; index < values.length; index++) {
    for (let rest = values[index] as number; rest >= 128; rest = Math.floor(rest / 128)) length++;
  }
  return length;
}
