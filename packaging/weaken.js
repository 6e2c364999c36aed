// weaken.js FILE VERSION: lets a shared library load where another library, such as libc, lacks this version of its
// symbols. The symbols of that version have to come from elsewhere.
import { readFileSync, writeFileSync } from 'node:fs';

const [file = '', version = ''] = process.argv.slice(2);

/** From elf(5) and the Linux Standard Base: 64 bits, little endian. */
const SHT_GNU_VERNEED = 0x6ffffffe;
const VER_FLG_WEAK = 2;

const elf = readFileSync(file);
const found = neededVersions().filter(({ name }) => name === version);
for (const { flags } of found) elf.writeUInt16LE(elf.readUInt16LE(flags) | VER_FLG_WEAK, flags);
if (found.length === 0) throw new Error(`${file} does not need ${version}`);
writeFileSync(file, elf);

/** @returns names, and the offsets of their flags */
function neededVersions() {
  const all = sections();
  const needs = all.find(({ type }) => type === SHT_GNU_VERNEED);
  if (!needs) return [];
  const names = all[needs.link].offset;
  return chain(needs.offset, 12).flatMap((library) =>
    chain(library + elf.readUInt32LE(library + 8), 12).map((entry) => ({
      name: text(names + elf.readUInt32LE(entry + 8)),
      flags: entry + 4,
    })),
  );
}

/** The offsets of entries that each have, at `next`, the distance to the following one. */
function chain(first, next) {
  const offsets = [first];
  for (let at = first; elf.readUInt32LE(at + next) !== 0; ) {
    at += elf.readUInt32LE(at + next);
    offsets.push(at);
  }
  return offsets;
}

function sections() {
  const table = Number(elf.readBigUInt64LE(40));
  const size = elf.readUInt16LE(58);
  return Array.from({ length: elf.readUInt16LE(60) }, (_, place) => {
    const at = table + place * size;
    return {
      type: elf.readUInt32LE(at + 4),
      offset: Number(elf.readBigUInt64LE(at + 24)),
      link: elf.readUInt32LE(at + 40),
    };
  });
}

function text(at) {
  return elf.toString('latin1', at, elf.indexOf(0, at));
}
