/** The functions of a compiled object, and who calls whom (Documentation/bpf/standardization/instruction-set.rst). */
import { readSections, type Section, textAt } from './elf.js';

export interface Instruction {
  readonly operation: number;
  readonly to: number;
  readonly from: number;
  readonly offset: number;
  readonly immediate: number;
}

export interface Func {
  readonly name: string;
  /** The second half of an instruction that loads an address is one by itself. */
  readonly instructions: readonly Instruction[];
  /** Those that it calls, or gives to the kernel to be called. */
  readonly calls: readonly Func[];
}

/** Where something is: the index of its section, and the offset in that. */
interface Place {
  readonly section: number;
  readonly start: number;
}

interface Symbol extends Place {
  readonly name: string;
  readonly isFunction: boolean;
  readonly size: number;
}

/** elf.h */
const [SHT_SYMTAB, SHT_REL] = [2, 9];
const STT_FUNC = 2;
const [SYMBOL_BYTES, RELOCATION_BYTES] = [24, 16];

/** linux/bpf.h */
const INSTRUCTION_BYTES = 8;
const OP_CALL = 0x85;
const BPF_PSEUDO_CALL = 1;

/** The programs of an object: what can be loaded, and attached. */
export function readPrograms(path: string): Func[] {
  const sections = readSections(path);
  const symbols = symbolsOf(sections);
  const relocated = relocationsOf(sections, symbols);
  const functions = new Map<string, Func>();
  const callers = symbols.filter(({ isFunction }) => isFunction);
  for (const caller of callers) {
    const { bytes } = sections[caller.section] as Section;
    const instructions = instructionsOf(bytes.subarray(caller.start, caller.start + caller.size));
    const find = (place: Place | undefined) => functions.get(place ? keyOf(place) : '');
    functions.set(keyOf(caller), {
      name: caller.name,
      instructions,
      /** Only once all of them are known. */
      get calls() {
        const called = instructions.map((each, index) => {
          const at = { ...caller, start: caller.start + index * INSTRUCTION_BYTES };
          return find(targetOf(each, at, relocated.get(keyOf(at))));
        });
        return [...new Set(called)].filter((each) => each !== undefined);
      },
    });
  }
  return callers
    .filter(({ section }) => sections[section]?.name !== '.text')
    .map((program) => functions.get(keyOf(program)) as Func);
}

/** Where an instruction goes to, or points to. Most do neither. */
function targetOf(instruction: Instruction, at: Place, symbol?: Symbol): Place | undefined {
  const { operation, from, immediate } = instruction;
  const isCall = operation === OP_CALL && from === BPF_PSEUDO_CALL;
  const offset = isCall ? (immediate + 1) * INSTRUCTION_BYTES : immediate;
  if (symbol) return { section: symbol.section, start: symbol.start + offset };
  return isCall ? { section: at.section, start: at.start + offset } : undefined;
}

function keyOf({ section, start }: Place): string {
  return `${section} ${start}`;
}

function instructionsOf(code: Buffer): Instruction[] {
  return entries(code, INSTRUCTION_BYTES, (entry) => ({
    operation: entry.readUInt8(0),
    to: entry.readUInt8(1) & 0xf,
    from: entry.readUInt8(1) >> 4,
    offset: entry.readInt16LE(2),
    immediate: entry.readInt32LE(4),
  }));
}

function symbolsOf(sections: readonly Section[]): Symbol[] {
  const table = sections.find(({ type }) => type === SHT_SYMTAB);
  const names = sections[table?.link ?? 0]?.bytes;
  if (!table || !names) throw new Error('no symbols');
  return entries(table.bytes, SYMBOL_BYTES, (entry) => ({
    name: textAt(names, entry.readUInt32LE(0)),
    isFunction: (entry.readUInt8(4) & 0xf) === STT_FUNC,
    section: entry.readUInt16LE(6),
    start: Number(entry.readBigUInt64LE(8)),
    size: Number(entry.readBigUInt64LE(16)),
  }));
}

/** By the place that they change. */
function relocationsOf(
  sections: readonly Section[],
  symbols: readonly Symbol[],
): Map<string, Symbol> {
  const tables = sections.filter(({ type }) => type === SHT_REL);
  return new Map(
    tables.flatMap(({ info, bytes }) =>
      entries(bytes, RELOCATION_BYTES, (entry): [string, Symbol] => [
        keyOf({ section: info, start: Number(entry.readBigUInt64LE(0)) }),
        symbols[entry.readUInt32LE(12)] as Symbol,
      ]),
    ),
  );
}

function entries<T>(table: Buffer, size: number, read: (entry: Buffer) => T): T[] {
  return Array.from({ length: table.length / size }, (_, index) =>
    read(table.subarray(index * size, (index + 1) * size)),
  );
}
