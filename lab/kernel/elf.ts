/** The sections of a compiled object (ELF, 64 bits, little-endian). */
import { readFileSync } from 'node:fs';

export interface Section {
  readonly name: string;
  /** SHT_* (elf.h) */
  readonly type: number;
  /** SHF_* */
  readonly flags: bigint;
  /** Of a table of symbols, the section of their names. */
  readonly link: number;
  /** Of relocations, the section that they change. */
  readonly info: number;
  readonly bytes: Buffer;
}

/** In the order of their indices. */
export function readSections(path: string): Section[] {
  const elf = readFileSync(path);
  const [table, entrySize] = [Number(elf.readBigUInt64LE(0x28)), elf.readUInt16LE(0x3a)];
  const [count, namesIndex] = [elf.readUInt16LE(0x3c), elf.readUInt16LE(0x3e)];
  const headers = Array.from({ length: count }, (_, index) =>
    elf.subarray(table + index * entrySize, table + (index + 1) * entrySize),
  );
  const contents = headers.map((header) => contentOf(elf, header));
  return headers.map((header, index) => ({
    name: textAt(contents[namesIndex] as Buffer, header.readUInt32LE(0)),
    type: header.readUInt32LE(4),
    flags: header.readBigUInt64LE(8),
    link: header.readUInt32LE(0x28),
    info: header.readUInt32LE(0x2c),
    bytes: contents[index] as Buffer,
  }));
}

function contentOf(elf: Buffer, header: Buffer): Buffer {
  const start = Number(header.readBigUInt64LE(0x18));
  return elf.subarray(start, start + Number(header.readBigUInt64LE(0x20)));
}

/** A name in a table of strings. */
export function textAt(strings: Buffer, offset: number): string {
  return strings.toString('latin1', offset, strings.indexOf(0, offset));
}
