/** The checksum of gzip (RFC 1952, 8). */
import * as zlib from 'node:zlib';

type Crc32 = (data: Uint8Array, before: number) => number;

const POLYNOMIAL = 0xedb88320;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? POLYNOMIAL : 0);
  return value;
});

/** @param before of all that comes before the data; 0 at the beginning */
export const crc32ByTable: Crc32 = (data, before) => {
  let sum = ~before;
  for (const byte of data) sum = (sum >>> 8) ^ (TABLE[(sum ^ byte) & 0xff] as number);
  return ~sum >>> 0;
};

/** Node has one from 20.15 and 22.2 on, which is much faster. */
export const crc32: Crc32 = (zlib as { crc32?: Crc32 }).crc32 ?? crc32ByTable;
