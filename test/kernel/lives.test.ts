/**
 * A flow's memory is given to another while somebody still holds it, and a flow is deleted while packets of
 * its tuple come: what is then done is done to that very flow, or not at all.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kernel } from '../../lab/kernel/kernel.js';
import { repositoryRoot } from '../../lab/places.js';
import { Mapping, PAGE_BYTES } from '../../src/libbpf/mapping.js';
import { runProgram } from '../../src/libbpf/run-program.js';

const PATH = join(repositoryRoot, 'dist/test/kernel/lives.o');
const FRAME = Buffer.alloc(64);
/** struct trial (lives.c) */
const TRIAL = { deed: 0, first: 4, isReused: 8, state: 12, marks: 16 } as const;
/** enum flow_state */
const STATES = { waiting: 1, open: 2, closing: 3, closed: 4 } as const;
const DEEDS = ['opened', 'ended by FINs', 'reset', 'succeeded by another', 'found stale'] as const;

/** Whoever holds a flow, for as long as a program runs. */
class HoldingKernel extends Kernel {
  run(program: string): void {
    runProgram(this.object.program(program), { data: FRAME });
  }

  /** struct trial, in the kernel's memory */
  mapTrial(): Mapping {
    return new Mapping(this.object.map('.data.trial').fd, 0, PAGE_BYTES, 'read-write');
  }
}

let kernel: HoldingKernel;
let memory: Mapping;
let trial: DataView;

beforeAll(() => {
  kernel = new HoldingKernel({}, 'ethernet', {}, PATH);
  memory = kernel.mapTrial();
  const { buffer, byteOffset, length } = memory.bytes;
  trial = new DataView(buffer, byteOffset, length);
});

afterAll(() => {
  memory.close();
  kernel.close();
});

test.each(DEEDS)('no flow is %s in place of the one that had its memory before', (deed) => {
  trial.setUint32(TRIAL.deed, DEEDS.indexOf(deed), true);
  for (const state of Object.values(STATES)) {
    trial.setUint32(TRIAL.first, state, true);
    kernel.run('reuse');
    expect(trial.getUint32(TRIAL.isReused, true)).toBe(1);
    expect(trial.getUint32(TRIAL.state, true)).toBe(state);
    expect(trial.getUint32(TRIAL.marks, true)).toBe(0);
    expect(kernel.events()).toEqual([]);
  }
});

test('a connection begins on the ports of one that a sweep is about to delete, and stays', () => {
  kernel.run('succeed');
  expect(trial.getUint32(TRIAL.state, true)).toBe(STATES.open);
  const openings = kernel.events().filter((event) => event.type === 'flow');
  expect(openings).toMatchObject([{ change: 'opening', reason: 'SYN-ACK' }]);
});
