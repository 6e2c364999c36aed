/**
 * Programs in front of those that watch, a pair for each interface: they say which interface it is, where the indices
 * of several network namespaces may be the same (bpf/tc_entries.c).
 */
import { LITTLE } from '../core/endianness.js';
import { viewOf } from '../core/global-variables.js';
import { ENTRY, ENTRY_PROGRAM } from '../core/layouts.js';
import { WATCHING, type WatchedLink } from '../core/programs.js';
import type { HookCost } from '../core/self-cost.js';
import type { Programs } from '../libbpf/attachment.js';
import { check, checkErrno } from '../libbpf/errors.js';
import { libbpf, libc } from '../libbpf/ffi.js';
import { BpfObject } from '../libbpf/object.js';
import type { LoadedPrograms } from './programs.js';
import { ENTRIES_OBJECT, requireObject } from './requirements.js';
import { NO_COST, plus, runsOf } from './self-cost.js';

const WATCHING_MAP = 'watching';
const ENTRY_MAP = '.rodata.entry';

const PLACES: Readonly<Record<WatchedLink, Readonly<Record<keyof Programs, number>>>> = {
  ethernet: { egress: ENTRY_PROGRAM.egress, ingress: ENTRY_PROGRAM.ingress },
  ip: { egress: ENTRY_PROGRAM.egressIp, ingress: ENTRY_PROGRAM.ingressIp },
};
const BPF_ANY = 0;
/** linux/fcntl.h */
const F_DUPFD_CLOEXEC = 1030;

/** What they tell of an interface. */
export interface EntryFacts {
  /** Its number in this run; never 0. */
  readonly interface: number;
  /** Inode of its network namespace. */
  readonly namespace: number;
}

/** Those of one interface. */
export interface Entry {
  readonly programs: Programs;
  /** Once they are attached no more. May be called twice. */
  close(): void;
}

export class EntryPrograms {
  /** Holds what all go on with: nothing would be left of that without it. */
  readonly #first: BpfObject;
  readonly #watching: LoadedPrograms;
  readonly #running = new Set<Programs>();
  #isClosed = false;
  #past: Record<keyof Programs, HookCost> = { egress: NO_COST, ingress: NO_COST };

  /** @param watching what packets are watched by. Throws a KernelError where the kernel does not take these. */
  constructor(watching: LoadedPrograms) {
    requireObject(ENTRIES_OBJECT);
    this.#watching = watching;
    this.#first = new BpfObject(ENTRIES_OBJECT);
    this.#first.load([]);
    for (const [link, programs] of watching) {
      for (const hook of ['egress', 'ingress'] as const) {
        this.#goOnWith(PLACES[link][hook], programs[hook]);
      }
    }
  }

  /** Loads those of one interface, for packets that begin like this. Throws a KernelError where that cannot be. */
  load(link: WatchedLink, facts: EntryFacts): Entry {
    const object = new BpfObject(ENTRIES_OBJECT);
    try {
      const view = viewOf(object.map(ENTRY_MAP));
      view.setUint32(ENTRY.interface, facts.interface, LITTLE);
      view.setUint32(ENTRY.namespace, facts.namespace, LITTLE);
      object.map(WATCHING_MAP).reuse(this.#first.map(WATCHING_MAP).fd);
      const { egress, ingress } = WATCHING[link];
      object.load([egress, ingress]);
      return this.#entryOf({
        egress: kept(object.program(egress)),
        ingress: kept(object.program(ingress)),
      });
    } finally {
      object.close();
    }
  }

  /** What they and all behind them have cost, while the kernel measured that. */
  runs(hook: keyof Programs): HookCost {
    return plus(this.#past[hook], runsOf(this.#running, hook));
  }

  /** Nothing is watched behind them any more. May be called twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const [link] of this.#watching) {
      for (const place of Object.values(PLACES[link])) this.#endAt(place);
    }
    this.#first.close();
  }

  #goOnWith(place: number, program: number): void {
    const { fd } = this.#first.map(WATCHING_MAP);
    const status = libbpf().bpf_map_update_elem(fd, numberOf(place), numberOf(program), BPF_ANY);
    check('let programs go on with others', status);
  }

  /** The kernel would do it by itself, but only some time after the map is closed (prog_array_map_clear). */
  #endAt(place: number): void {
    const { fd } = this.#first.map(WATCHING_MAP);
    const status = libbpf().bpf_map_delete_elem(fd, numberOf(place));
    check('let programs go on with nothing', status);
  }

  #entryOf(programs: Programs): Entry {
    this.#running.add(programs);
    const close = () => {
      if (!this.#running.has(programs)) return;
      for (const hook of ['egress', 'ingress'] as const) {
        this.#past[hook] = plus(this.#past[hook], runsOf([programs], hook));
      }
      this.#running.delete(programs);
      for (const fd of Object.values(programs)) libc.close(fd);
    };
    return { programs, close };
  }
}

/** The object needs more descriptors than its programs do, and there may be many. Not for what this process starts. */
function kept(program: number): number {
  return checkErrno('keep a program', libc.fcntl(program, F_DUPFD_CLOEXEC, 0));
}

function numberOf(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, value, LITTLE);
  return bytes;
}
