/** Which cache lines of a struct its fields are in, by the BTF of a compiled object. */
import { type Btf, readBtf } from '../../../lab/kernel/btf.js';

const LINE_BYTES = 64;
/** An index chooses one of an array's. */
export type Path = readonly (string | number)[];

/**
 * @param start where the struct begins in a cache line, in bytes
 * @param types which struct a member is, where a path goes on into it
 * @param paths from the struct to fields that fit into a line each
 */
export function cacheLines(
  object: string,
  struct: string,
  start: number,
  types: Readonly<Record<string, string>>,
  paths: readonly Path[],
): number {
  const btf = readBtf(object);
  const lines = paths.map((path) => offsetOf(btf, struct, types, path) + start);
  return new Set(lines.map((at) => Math.floor(at / LINE_BYTES))).size;
}

function offsetOf(
  btf: Btf,
  struct: string,
  types: Readonly<Record<string, string>>,
  [member, ...rest]: Path,
): number {
  const offset = btf.structs.get(struct)?.offsets[String(member)];
  if (offset === undefined) throw new Error(`struct ${struct} has no ${member}: has it moved?`);
  const inner = types[String(member)] ?? '';
  const [index, ...after] = typeof rest[0] === 'number' ? rest : [0, ...rest];
  const at = offset + Number(index) * (btf.structs.get(inner)?.size ?? 1);
  return after.length === 0 ? at : at + offsetOf(btf, inner, types, after);
}
