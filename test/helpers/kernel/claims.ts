/** The real programs, and drivers that have two CPUs ask for the owner of one flow at once (test/kernel/claims.c). */
import { join } from 'node:path';
import { readBtf } from '../../../lab/kernel/btf.js';
import { repositoryRoot } from '../../../lab/places.js';
import { LITTLE } from '../../../src/core/endianness.js';
import { Mapping, PAGE_BYTES } from '../../../src/libbpf/mapping.js';
import { runProgram, runProgramAsync } from '../../../src/libbpf/run-program.js';
import { OwnedKernel } from './opened.js';

const PATH = join(repositoryRoot, 'dist/test/kernel/claims.o');
/** What a driver is shown, and has no use for. */
const FRAME = Buffer.alloc(64);

export class ClaimingKernel extends OwnedKernel {
  readonly #driver: Mapping;
  readonly #offsets: Readonly<Record<string, number>>;

  /** @param flows of a round, at most */
  constructor(flows: number) {
    const sizes = { flows: 4 * flows, opened_sockets: 8 * flows, events: 32 << 20 };
    super({ rate: 0n, includeLocal: true }, false, sizes, PATH);
    this.#driver = new Mapping(this.object.map('.data.driver').fd, 0, PAGE_BYTES, 'read-write');
    this.#offsets = readBtf(PATH).structs.get('driver')?.offsets ?? {};
  }

  /**
   * Flows whose handshakes were seen before their sockets were noted; then segments of both ends, on two threads at
   * once; then their ends, and their sockets are forgotten. @returns how often the next segment went to the other CPU
   */
  async claim(first: number, flows: number): Promise<number> {
    this.#tell(first, flows);
    runProgram(this.object.program('shake_hands'), { data: FRAME });
    runProgram(this.object.program('note_sockets'), { data: FRAME });
    const race = () => runProgramAsync(this.object.program('race_claims'), { data: FRAME });
    await Promise.all([race(), race()]);
    runProgram(this.object.program('end_flows'), { data: FRAME });
    runProgram(this.object.program('forget_sockets'), { data: FRAME });
    return Number(this.#view.getBigUint64(this.#at('alternations'), LITTLE));
  }

  override close(): void {
    this.#driver.close();
    super.close();
  }

  #tell(first: number, count: number): void {
    const words = { first, count };
    for (const [field, value] of Object.entries(words))
      this.#view.setUint32(this.#at(field), value, LITTLE);
    const longs = { now: this.now, ticket: 0n, alternations: 0n };
    for (const [field, value] of Object.entries(longs))
      this.#view.setBigUint64(this.#at(field), value, LITTLE);
  }

  get #view(): DataView {
    const { buffer, byteOffset, length } = this.#driver.bytes;
    return new DataView(buffer, byteOffset, length);
  }

  #at(field: string): number {
    const offset = this.#offsets[field];
    if (offset === undefined) throw new Error(`struct driver has no ${field}`);
    return offset;
  }
}
