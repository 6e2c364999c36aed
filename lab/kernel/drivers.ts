/** The real programs, and drivers beside them that make segments by the million (lab/kernel/drivers.c). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Mapping, PAGE_BYTES } from '../../src/libbpf/mapping.js';
import type { BpfObject } from '../../src/libbpf/object.js';
import { runProgram, runProgramAsync } from '../../src/libbpf/run-program.js';
import type { Settings } from '../../src/sampling/policy.js';
import { repositoryRoot } from '../places.js';
import { readBtf } from './btf.js';
import { Kernel, type Watched } from './kernel.js';

const DRIVERS_PATH = join(repositoryRoot, 'dist/lab/kernel/drivers.o');
/** What a driver is shown, and has no use for. */
const FRAME = Buffer.alloc(64);

/** enum what: the segments of a flow, in the order in which they are made. */
export const WHAT = {
  syn: 1,
  synAck: 2,
  request: 4,
  answer: 8,
  data: 16,
  fins: 32,
  reset: 64,
} as const;

export interface Drive {
  /** Flows, each with a client of its own: 10.0.0.0 + its number. */
  readonly first: number;
  readonly count: number;
  /** Of WHAT, added up. */
  readonly what: number;
  /** TSval of the client's data, and of its answer. */
  readonly identifier: number;
  /** Nanoseconds from one flow to the next. */
  readonly step?: bigint;
  /** From the client's data to the server's answer. */
  readonly rtt?: bigint;
  /** Whether each has a server of its own, too: 11.0.0.0 + its number. */
  readonly servers?: boolean;
}

export interface Race {
  /** Times that a count of outstanding identifiers was negative. */
  readonly violations: number;
  /** Times that the next segment was another CPU's. */
  readonly alternations: number;
}

export class DrivenKernel extends Kernel {
  readonly #driver: Mapping;
  readonly #view: DataView;
  readonly #offsets: Readonly<Record<string, number>>;

  constructor(
    settings: Partial<Settings> = {},
    sizes: Record<string, number> = {},
    prepare?: (object: BpfObject) => void,
    watched: Watched = 'ethernet',
  ) {
    super(settings, watched, sizes, DRIVERS_PATH, prepare);
    this.#driver = new Mapping(this.object.map('.data.driver').fd, 0, PAGE_BYTES, 'read-write');
    const { buffer, byteOffset, length } = this.#driver.bytes;
    this.#view = new DataView(buffer, byteOffset, length);
    this.#offsets = readBtf(DRIVERS_PATH).structs.get('driver')?.offsets ?? {};
  }

  /** Makes the segments of each flow, from the present time on. */
  drive(drive: Drive): void {
    this.#tell(drive);
    runProgram(this.object.program('drive'), { data: FRAME });
  }

  /** The same on another thread. */
  async driveAsync(drive: Drive): Promise<void> {
    this.#tell(drive);
    await runProgramAsync(this.object.program('drive'), { data: FRAME });
  }

  /**
   * Has data of the first `count` flows answered, by halves: flows that are not assured may not fill the map
   * (bpf/core/assured.h). TSvals from 3 on are remembered then.
   */
  assure(count: number): void {
    const what = WHAT.request + WHAT.answer;
    const half = Math.ceil(count / 2);
    for (const first of [0, count - half]) {
      for (const identifier of [1, 2]) {
        this.drive({ first, count: half, what, identifier, rtt: 1_000n });
      }
    }
  }

  /** `segments` of one flow on each of two threads at once, which take turns as it happens. */
  race(flow: number, segments: number): Promise<Race> {
    return this.#race('race', flow, segments);
  }

  /** The same of DNS and QUIC, of flows from `first` on. */
  raceDatagrams(protocol: 'dns' | 'quic', first: number, datagrams: number): Promise<Race> {
    return this.#race(`race_${protocol}`, first, datagrams);
  }

  /** How many flows are counted as such that anyone can make. */
  get unassured(): number {
    runProgram(this.object.program('count_unassured'), { data: FRAME });
    return this.#read('violations');
  }

  async #race(program: string, first: number, count: number): Promise<Race> {
    this.#tell({ first, count, what: 0, identifier: 1 });
    for (const field of ['ticket', 'violations', 'alternations']) this.#u64(field, 0n);
    const run = () => runProgramAsync(this.object.program(program), { data: FRAME });
    await Promise.all([run(), run()]);
    return { violations: this.#read('violations'), alternations: this.#read('alternations') };
  }

  #read(field: string): number {
    return Number(this.#view.getBigUint64(this.#at(field), true));
  }

  /** @returns how many of these flows are gone or have something outstanding */
  notIdle(first: number, count: number): number {
    this.#tell({ first, count, what: 0, identifier: 0 });
    this.#u64('violations', 0n);
    runProgram(this.object.program('check_idle'), { data: FRAME });
    return this.#read('violations');
  }

  /** Leaves what deleting flows can leave where other CPUs are faster, or the kernel is busy. */
  leave(what: 'lose_cells' | 'end_only', first: number, count: number): void {
    this.#tell({ first, count, what: 0, identifier: 0 });
    runProgram(this.object.program(what), { data: FRAME });
  }

  /** What the kernel has taken for a map, in bytes (6.4 and newer count what is used). */
  memoryOf(map: string): number {
    const info = readFileSync(`/proc/self/fdinfo/${this.object.map(map).fd}`, 'utf8');
    return Number(/^memlock:\s*(\d+)$/m.exec(info)?.[1]);
  }

  override close(): void {
    this.#driver.close();
    super.close();
  }

  #tell(drive: Drive): void {
    const { first, count, what, identifier, step = 0n, rtt = 0n } = drive;
    this.#u64('now', this.now);
    this.#u64('step', step);
    this.#u64('rtt', rtt);
    const servers = drive.servers ? 1 : 0;
    const words = { first, count, what, identifier, servers };
    for (const [field, value] of Object.entries(words)) {
      this.#view.setUint32(this.#at(field), value, true);
    }
  }

  #u64(field: string, value: bigint): void {
    this.#view.setBigUint64(this.#at(field), value, true);
  }

  #at(field: string): number {
    const offset = this.#offsets[field];
    if (offset === undefined) throw new Error(`struct driver has no ${field}`);
    return offset;
  }
}
