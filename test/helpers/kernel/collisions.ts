/** The real programs, and drivers that have two CPUs meet at a flow's moments (test/kernel/collisions.c). */
import { join } from 'node:path';
import { readBtf } from '../../../lab/kernel/btf.js';
import { Kernel } from '../../../lab/kernel/kernel.js';
import { repositoryRoot } from '../../../lab/places.js';
import { Mapping, PAGE_BYTES } from '../../../src/libbpf/mapping.js';
import { runProgram, runProgramAsync } from '../../../src/libbpf/run-program.js';
import type { Settings } from '../../../src/sampling/policy.js';

const PATH = join(repositoryRoot, 'dist/test/kernel/collisions.o');
/** What a driver is shown, and has no use for. */
const FRAME = Buffer.alloc(64);

/** As in collisions.c: acts of a flow on each CPU. */
const PHASES = 8;

interface Work {
  readonly first: number;
  readonly count: number;
  readonly identifier: number;
}

export interface Collided {
  /** Times that a count of outstanding identifiers was negative. */
  readonly violations: number;
  /** Times that the next ticket went to the other CPU. */
  readonly alternations: number;
}

export class CollidingKernel extends Kernel {
  readonly #driver: Mapping;
  readonly #view: DataView;
  readonly #offsets: Readonly<Record<string, number>>;

  constructor(settings: Partial<Settings> = {}, sizes: Record<string, number> = {}) {
    super(settings, 'ethernet', sizes, PATH);
    this.#driver = new Mapping(this.object.map('.data.driver').fd, 0, PAGE_BYTES, 'read-write');
    const { buffer, byteOffset, length } = this.#driver.bytes;
    this.#view = new DataView(buffer, byteOffset, length);
    this.#offsets = readBtf(PATH).structs.get('driver')?.offsets ?? {};
  }

  /** The lives of so many flows, from the flow `first` on, on two threads at once. */
  live(first: number, flows: number): Promise<Collided> {
    return this.#twice('collide', { first, count: flows * PHASES, identifier: 0 });
  }

  /** @returns how many of these flows both ends have ended, and are still known */
  stillThere(first: number, flows: number): number {
    this.#tell({ first, count: flows, identifier: 0 });
    runProgram(this.object.program('check_gone'), { data: FRAME });
    return this.#read('violations');
  }

  /**
   * Data and answers of one flow, each again a little later: so many segments on each
   * of two threads, with TSvals from `identifier` on.
   */
  repeat(flow: number, segments: number, identifier: number): Promise<Collided> {
    return this.#twice('repeat', { first: flow, count: segments, identifier });
  }

  override close(): void {
    this.#driver.close();
    super.close();
  }

  async #twice(program: string, work: Work): Promise<Collided> {
    this.#tell(work);
    const run = () => runProgramAsync(this.object.program(program), { data: FRAME });
    await Promise.all([run(), run()]);
    return { violations: this.#read('violations'), alternations: this.#read('alternations') };
  }

  #tell(work: Work): void {
    for (const [field, value] of Object.entries(work)) {
      this.#view.setUint32(this.#at(field), value, true);
    }
    const words = { now: this.now, ticket: 0n, violations: 0n, alternations: 0n };
    for (const [field, value] of Object.entries(words)) {
      this.#view.setBigUint64(this.#at(field), value, true);
    }
  }

  #read(field: string): number {
    return Number(this.#view.getBigUint64(this.#at(field), true));
  }

  #at(field: string): number {
    const offset = this.#offsets[field];
    if (offset === undefined) throw new Error(`struct driver has no ${field}`);
    return offset;
  }
}
