/** The types that a compiled object says it has (Documentation/bpf/btf.rst). */
import { readFileSync } from 'node:fs';

export interface Struct {
  readonly size: number;
  /** Byte offsets of the members, and of those of an anonymous union among them. */
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
  const section = elfSection(readFileSync(path), '.BTF');
  const headerLength = section.readUInt32LE(4);
  const part = (at: number) => {
    const start = headerLength + section.readUInt32LE(at);
    return section.subarray(start, start + section.readUInt32LE(at + 4));
  };
  return readTypes(part(8), part(16));
}

/** A type: where it is, and where its members are. */
interface Type {
  readonly name: string;
  readonly kind: number;
  readonly count: number;
  readonly at: number;
}

function readTypes(types: Buffer, strings: Buffer): Btf {
  const all = typesIn(types, strings);
  const ofKind = (kind: number) => all.filter((type) => type.kind === kind);
  const offsetsOf = ({ count, at }: Type): Record<string, number> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => at + HEADER_BYTES + index * 12).flatMap(
        (member) => {
          const name = text(strings, types.readUInt32LE(member));
          const offset = types.readUInt32LE(member + 8) / 8;
          // Types are numbered from 1 on; 0 is none.
          const inner = all[types.readUInt32LE(member + 4) - 1];
          if (name !== '' || inner?.kind !== UNION) return [[name, offset]];
          return Object.entries(offsetsOf(inner)).map(([its, at]) => [its, offset + at]);
        },
      ),
    );
  const structOf = (type: Type): Struct => ({
    size: types.readUInt32LE(type.at + 8),
    offsets: offsetsOf(type),
  });
  const enumeratorsOf = ({ count, at }: Type): Enumerators =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => at + HEADER_BYTES + index * 8).map((member) => [
        text(strings, types.readUInt32LE(member)),
        types.readUInt32LE(member + 4),
      ]),
    );
  return {
    structs: new Map(ofKind(STRUCT).map((type) => [type.name, structOf(type)])),
    enums: new Map(ofKind(ENUM).map((type) => [type.name, enumeratorsOf(type)])),
  };
}

function typesIn(types: Buffer, strings: Buffer): Type[] {
  const all: Type[] = [];
  for (let at = 0; at < types.length; ) {
    const info = types.readUInt32LE(at + 4);
    const [kind, count] = [(info >>> 24) & 0x1f, info & 0xffff];
    all.push({ name: text(strings, types.readUInt32LE(at)), kind, count, at });
    const [fixed, perMember] = TRAILERS[kind] ?? [0, 0];
    at += HEADER_BYTES + fixed + count * perMember;
  }
  return all;
}

function text(strings: Buffer, offset: number): string {
  return strings.toString('latin1', offset, strings.indexOf(0, offset));
}

function elfSection(elf: Buffer, wanted: string): Buffer {
  const [table, entrySize] = [Number(elf.readBigUInt64LE(0x28)), elf.readUInt16LE(0x3a)];
  const [count, namesIndex] = [elf.readUInt16LE(0x3c), elf.readUInt16LE(0x3e)];
  const section = (index: number) => {
    const header = table + index * entrySize;
    const start = Number(elf.readBigUInt64LE(header + 0x18));
    const bytes = elf.subarray(start, start + Number(elf.readBigUInt64LE(header + 0x20)));
    return { name: elf.readUInt32LE(header), bytes };
  };
  const names = section(namesIndex).bytes;
  for (let index = 0; index < count; index++) {
    const { name, bytes } = section(index);
    if (text(names, name) === wanted) return bytes;
  }
  throw new Error(`no section ${wanted}`);
}
