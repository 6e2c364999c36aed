/** A loaded object, handed over to what this process executes: there only its file descriptors are left. */
import { KernelError } from './errors.js';
import { libc } from './ffi.js';
import type { LoadedObject } from './object.js';

/** As it is written down. */
export interface HandedObject {
  readonly programs: Readonly<Record<string, number>>;
  readonly maps: Readonly<Record<string, { readonly fd: number; readonly maxEntries: number }>>;
}

/** @param keep makes a descriptor that outlives the execution */
export function handObject(
  object: LoadedObject,
  programs: readonly string[],
  maps: readonly string[],
  keep: (fd: number) => number,
): HandedObject {
  const mapOf = (name: string) => {
    const { fd, maxEntries } = object.map(name);
    return { fd: keep(fd), maxEntries };
  };
  return {
    programs: Object.fromEntries(programs.map((name) => [name, keep(object.program(name))])),
    maps: Object.fromEntries(maps.map((name) => [name, mapOf(name)])),
  };
}

/** What was handed over. */
export function takeObject({ programs, maps }: HandedObject): LoadedObject {
  const fds = [...Object.values(programs), ...Object.values(maps).map(({ fd }) => fd)];
  return {
    program: (name) => required(name, programs[name]),
    map: (name) => required(name, maps[name]),
    close() {
      for (const fd of fds.splice(0)) libc.close(fd);
    },
  };
}

function required<Part>(name: string, part: Part | undefined): Part {
  if (part === undefined) throw new KernelError(`find ${name}`, ENOENT);
  return part;
}

const ENOENT = 2;
