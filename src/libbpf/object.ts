/** A BPF object file: opened, adjusted, loaded, closed. */
import { check, checkErrno, checkPointer, KernelError } from './errors.js';
import { callAsync, isNull, libbpf, libc, memoryAt, NULL, type Pointer } from './ffi.js';

/** linux/bpf.h: a map takes memory for entries as they come. */
export const BPF_F_NO_PREALLOC = 1;

/** The verifier's words on a program it rejects; it truncates what does not fit. */
const LOG_BYTES = 1 << 20;
const LOG_LINES_SHOWN = 6;
/** linux/fcntl.h */
const F_DUPFD_CLOEXEC = 1030;

/** Programs and maps that are in the kernel, wherever they were loaded. */
export interface LoadedObject {
  /** The file descriptor of a program; owned by the object. */
  program(name: string): number;
  map(name: string): Pick<BpfMap, 'fd' | 'maxEntries'>;
  /** Unloads everything that nothing else holds. May be called twice. */
  close(): void;
}

export interface BpfMap {
  readonly fd: number;
  /** Entries; for a ring buffer bytes, a power of two. Fixed once loaded. */
  maxEntries: number;
  /** BPF_F_* (linux/bpf.h). Fixed once loaded. */
  flags: number;
  /** Takes the place of the one that would be made: a descriptor of one like it. Before it is loaded. */
  reuse(fd: number): void;
  /** It is not made: no program that is loaded uses it. Before it is loaded. */
  leaveOut(): void;
  /**
   * What a global-variable map will hold when it is loaded. Not afterwards:
   * libbpf before 1.5 does not connect this memory with the loaded map.
   */
  memory(): Buffer;
}

export class BpfObject implements LoadedObject {
  readonly #object: Pointer;
  readonly #logs = new Map<string, Buffer>();
  /** Descriptors of those that were loaded beside each other. */
  readonly #beside = new Map<string, number>();
  #closed = false;

  /** Opens the object file at `path`; nothing is loaded yet. */
  constructor(readonly path: string) {
    this.#object = checkPointer(
      `open the BPF object ${path}`,
      libbpf().bpf_object__open_file(path, NULL),
    );
  }

  /** The names of all that it has, whether or not they are loaded. */
  get programs(): string[] {
    return Array.from(this.#programs(), (program) => libbpf().bpf_program__name(program));
  }

  /** Likewise of maps. */
  get maps(): string[] {
    return Array.from(this.#maps(), (map) => libbpf().bpf_map__name(map));
  }

  /** Loads all maps into the kernel, and of the programs these. */
  load(programs: readonly string[]): void {
    this.#choose(programs);
    this.#finish(libbpf().bpf_object__load(this.#object));
  }

  /** The same, with each program on a thread of its own: the verifier takes most of the time that a start takes. */
  async loadBeside(programs: readonly string[]): Promise<void> {
    this.load([]);
    const loads = await Promise.allSettled(programs.map((name) => this.#loadAlone(name)));
    const failed = loads.find((load) => load.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** The file descriptor of a loaded program; owned by the object. */
  program(name: string): number {
    const beside = this.#beside.get(name);
    if (beside !== undefined) return beside;
    return check(`find program ${name}`, libbpf().bpf_program__fd(this.#find(name)));
  }

  map(name: string): BpfMap {
    const map = checkPointer(
      `find map ${name}`,
      libbpf().bpf_object__find_map_by_name(this.#object, name),
    );
    return this.#mapAt(map, name);
  }

  /** What the maps in a map of maps have to be like; it is none itself. */
  innerMap(name: string): Pick<BpfMap, 'flags'> {
    const outer = libbpf().bpf_object__find_map_by_name(this.#object, name);
    const map = libbpf().bpf_map__inner_map(checkPointer(`find map ${name}`, outer));
    return this.#mapAt(checkPointer(`find the inner map of ${name}`, map), name);
  }

  #mapAt(map: Pointer, name: string): BpfMap {
    return {
      get fd() {
        return check(`find map ${name}`, libbpf().bpf_map__fd(map));
      },
      get maxEntries() {
        return libbpf().bpf_map__max_entries(map);
      },
      set maxEntries(entries: number) {
        check(`set the size of map ${name}`, libbpf().bpf_map__set_max_entries(map, entries));
      },
      get flags() {
        return libbpf().bpf_map__map_flags(map);
      },
      set flags(flags: number) {
        check(`set up map ${name}`, libbpf().bpf_map__set_map_flags(map, flags));
      },
      reuse(fd: number) {
        check(`reuse map ${name}`, libbpf().bpf_map__reuse_fd(map, fd));
      },
      leaveOut() {
        check(`leave out map ${name}`, libbpf().bpf_map__set_autocreate(map, false));
      },
      memory() {
        const size = Buffer.alloc(8);
        const pointer = libbpf().bpf_map__initial_value(map, size);
        return memoryAt(checkPointer(`map ${name}`, pointer), Number(size.readBigUInt64LE()));
      },
    };
  }

  /** A descriptor of a loaded program that outlives the object: it is for who asks to close it. */
  keep(name: string): number {
    const fd = libc.fcntl(this.program(name), F_DUPFD_CLOEXEC, 0);
    return checkErrno(`keep program ${name}`, fd);
  }

  /** Unloads everything that nothing else holds. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const fd of this.#beside.values()) libc.close(fd);
    libbpf().bpf_object__close(this.#object);
  }

  /** An object is loaded as a whole: this takes another one, with the maps of this one. */
  async #loadAlone(name: string): Promise<void> {
    const object = new BpfObject(this.path);
    try {
      for (const map of this.maps) object.map(map).reuse(this.map(map).fd);
      object.#choose([name]);
      object.#finish(await callAsync(libbpf().bpf_object__load, object.#object));
      this.#beside.set(name, object.keep(name));
    } finally {
      object.close();
    }
  }

  #choose(programs: readonly string[]): void {
    for (const name of programs) this.#collectLog(name);
    this.#leaveOut(programs);
  }

  /** @param status of loading */
  #finish(status: number): void {
    if (status < 0) throw new KernelError('load the BPF programs', -status, this.#rejection());
    this.#logs.clear();
  }

  *#maps(): Generator<Pointer> {
    let map = libbpf().bpf_object__next_map(this.#object, NULL);
    while (!isNull(map)) {
      yield map;
      map = libbpf().bpf_object__next_map(this.#object, map);
    }
  }

  #find(program: string): Pointer {
    const pointer = libbpf().bpf_object__find_program_by_name(this.#object, program);
    return checkPointer(`find program ${program}`, pointer);
  }

  #collectLog(name: string): void {
    const log = Buffer.alloc(LOG_BYTES);
    this.#logs.set(name, log);
    check(
      'set up the verifier log',
      libbpf().bpf_program__set_log_buf(this.#find(name), log, LOG_BYTES),
    );
  }

  #leaveOut(wanted: readonly string[]): void {
    for (const program of this.#programs()) {
      const name = libbpf().bpf_program__name(program);
      const isWanted = wanted.includes(name);
      check(`select program ${name}`, libbpf().bpf_program__set_autoload(program, isWanted));
    }
  }

  *#programs(): Generator<Pointer> {
    let program = libbpf().bpf_object__next_program(this.#object, NULL);
    while (!isNull(program)) {
      yield program;
      program = libbpf().bpf_object__next_program(this.#object, program);
    }
  }

  /** The last lines of each verifier log that has any. */
  #rejection(): string {
    let text = '';
    for (const [name, log] of this.#logs) {
      const lines = log.toString('latin1', 0, log.indexOf(0)).trimEnd().split('\n');
      if (lines[0] === '') continue;
      text += `\nthe verifier on ${name}:\n  ${lines.slice(-LOG_LINES_SHOWN).join('\n  ')}`;
    }
    return text;
  }
}
