/** The types that a compiled object says it has (Documentation/bpf/btf.rst). */
import { readSections, textAt } from './elf.js';

export interface Struct {
  readonly size: number;
  /** Byte offsets of the members; those of a nameless member are among them. */
  readonly offsets: Readonly<Record<string, number>>;
}

/** Values by name, in their order. */
export type Enumerators = Readonly<Record<string, number>>;

export interface Btf {
  readonly structs: ReadonlyMap<string, Struct>;
  readonly enums: ReadonlyMap<string, Enumerators>;
}

const STRUCT = 4;
const UNION = 5;
const ENUM = 6;
const HEADER_BYTES = 12;

/** Bytes that follow a type's header, fixed and per member, by kind. */
const TRAILERS: Record<number, readonly [fixed: number, perMember: number]> = {
  1: [4, 0], // int
  3: [12, 0], // array
  4: [0, 12], // struct
  5: [0, 12], // union
  6: [0, 8], // enum
  13: [0, 8], // function prototype
  14: [4, 0], // variable
  15: [0, 12], // data section
  17: [4, 0], // declaration tag
  19: [0, 12], // 64-bit enum
};

/** Reads the BTF of an ELF object. */
export function readBtf(path: string): Btf {
  const section = readSections(path).find(({ name }) => name === '.BTF')?.bytes;
  if (!section) throw new Error('no section .BTF');
  const headerLength = section.readUInt32LE(4);
  const part = (at: number) => {
    const start = headerLength + section.readUInt32LE(at);
    return section.subarray(start, start + section.readUInt32LE(at + 4));
  };
  return readTypes(part(8), part(16));
}

function readTypes(types: Buffer, strings: Buffer): Btf {
  const structs = new Map<string, Struct>();
  const starts = [0];
  const enums = new Map<string, Record<string, number>>();
  for (let at = 0; at < types.length; ) {
    const name = textAt(strings, types.readUInt32LE(at));
    const info = types.readUInt32LE(at + 4);
    const [kind, count] = [(info >>> 24) & 0x1f, info & 0xffff];
    const members = at + HEADER_BYTES;
    starts.push(at);
    if (kind === ENUM) enums.set(name, pairs(types, strings, members, count, 8, 4, 1));
    const [fixed, perMember] = TRAILERS[kind] ?? [0, 0];
    at = members + fixed + count * perMember;
  }
  for (const at of starts.slice(1)) {
    if (kindAt(types, at) !== STRUCT) continue;
    const name = textAt(strings, types.readUInt32LE(at));
    const offsets = Object.fromEntries(membersAt(types, strings, starts, at));
    structs.set(name, { size: types.readUInt32LE(at + 8), offsets });
  }
  return { structs, enums };
}

function kindAt(types: Buffer, at: number): number {
  return (types.readUInt32LE(at + 4) >>> 24) & 0x1f;
}

/** Of a struct or a union: name and byte offset. A bit field is where its first bit is. */
function membersAt(
  types: Buffer,
  strings: Buffer,
  starts: readonly number[],
  at: number,
): [string, number][] {
  const hasBitFields = types.readUInt32LE(at + 4) >>> 31 === 1;
  const count = types.readUInt32LE(at + 4) & 0xffff;
  return Array.from({ length: count }, (_, index) => {
    const member = at + HEADER_BYTES + 12 * index;
    const name = textAt(strings, types.readUInt32LE(member));
    const type = starts[types.readUInt32LE(member + 4)] ?? 0;
    const bits = types.readUInt32LE(member + 8) & (hasBitFields ? 0xff_ffff : 0xffff_ffff);
    const offset = Math.floor(bits / 8);
    const isNameless = name === '' && [STRUCT, UNION].includes(kindAt(types, type));
    if (!isNameless) return [[name, offset]] as [string, number][];
    return membersAt(types, strings, starts, type).map(([inner, within]): [string, number] => [
      inner,
      offset + within,
    ]);
  }).flat();
}

/** Members as name -> number; the number is at `offset` of each, in units of `unit`. */
function pairs(
  types: Buffer,
  strings: Buffer,
  start: number,
  count: number,
  size: number,
  offset: number,
  unit: number,
): Record<string, number> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const at = start + index * size;
      return [textAt(strings, types.readUInt32LE(at)), types.readUInt32LE(at + offset) / unit];
    }),
  );
}
