/** The list of flows that nothing has told whose they are: made by one program, decided on by another. */
import {
  readUnownedFlow,
  type UnownedFlow,
  type Verdict,
  writeVerdict,
} from '../attribution/unowned-flow.js';
import { LITTLE } from '../core/endianness.js';
import { UNOWNED_FLOW, UNOWNED_WALK } from '../core/layouts.js';
import { DECIDE_UNOWNED, LIST_UNOWNED } from '../core/programs.js';
import { Mapping, PAGE_BYTES } from '../libbpf/mapping.js';
import type { BpfObject, LoadedObject } from '../libbpf/object.js';
import { runProgramAsync } from '../libbpf/run-program.js';

export const UNOWNED_MAP = 'unowned_flows';

/** @returns what the walk has */
type InTurn = <Result>(walk: () => Promise<Result>) => Promise<Result>;

/** Before load(). Without owners there are none. */
export function leaveOutUnowned(object: BpfObject): void {
  object.map(UNOWNED_MAP).maxEntries = 1;
}

/** Calls come one after the other, and no other list between a list and its verdicts. */
export class UnownedFlows {
  readonly #object: LoadedObject;
  readonly #inTurn: InTurn;

  /** @param inTurn has what walks over flows done when nothing else does */
  constructor(object: LoadedObject, inTurn: InTurn) {
    this.#object = object;
    this.#inTurn = inTurn;
  }

  /** As many as there is room for, while there are any. */
  async list(): Promise<UnownedFlow[]> {
    const count = await this.#run(LIST_UNOWNED, 0);
    if (count === 0) return [];
    return this.#mapped((bytes) =>
      Array.from({ length: count }, (_, at) => readUnownedFlow(bytes, at)),
    );
  }

  /** @param verdicts about flows of the last list */
  async decide(verdicts: readonly Verdict[]): Promise<void> {
    if (verdicts.length === 0) return;
    this.#mapped((bytes) => {
      for (const verdict of verdicts) writeVerdict(bytes, verdict);
    });
    await this.#run(DECIDE_UNOWNED, 1 + Math.max(...verdicts.map(({ flow }) => flow.at)));
  }

  async #run(program: string, count: number): Promise<number> {
    const context = Buffer.alloc(UNOWNED_WALK.size);
    const view = new DataView(context.buffer, context.byteOffset, context.length);
    view.setUint32(UNOWNED_WALK.count, count, LITTLE);
    await this.#inTurn(() => runProgramAsync(this.#object.program(program), { context }));
    return view.getUint32(UNOWNED_WALK.count, LITTLE);
  }

  #mapped<Result>(use: (bytes: Buffer) => Result): Result {
    const { fd, maxEntries } = this.#object.map(UNOWNED_MAP);
    const pages = Math.ceil((maxEntries * UNOWNED_FLOW.size) / PAGE_BYTES);
    const mapping = new Mapping(fd, 0, pages * PAGE_BYTES, 'read-write');
    try {
      return use(mapping.bytes);
    } finally {
      mapping.close();
    }
  }
}
