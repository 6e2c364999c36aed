/**
 * A displaced flow that cannot be made, since another CPU makes one at the same lock, and whose number the kernel does not
 * delete, since it is busy (before Linux 6.7): the next sweep cleans up, and its key can have a flow again.
 */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Kernel } from '../../lab/kernel/kernel.js';
import { repositoryRoot } from '../../lab/places.js';
import { Mapping, PAGE_BYTES } from '../../src/libbpf/mapping.js';
import { runProgram } from '../../src/libbpf/run-program.js';

const PATH = join(repositoryRoot, 'dist/test/kernel/busy.o');
const FRAME = Buffer.alloc(64);
/** enum flow_state */
const STATES = { none: 0, open: 2, deleted: 5 } as const;
const CREATED = 0;
const NO_ROOM = -1;

class BusyKernel extends Kernel {
  /** @returns struct outcome (busy.c) */
  run(program: 'refuse' | 'make' | 'appear' | 'look') {
    expect(runProgram(this.object.program(program), { data: FRAME }).verdict).toBe(-1);
    const memory = new Mapping(this.object.map('.data.outcome').fd, 0, PAGE_BYTES, 'read-write');
    const { buffer, byteOffset, length } = memory.bytes;
    const view = new DataView(buffer, byteOffset, length);
    const [status, state, displaced] = [0, 4, 8].map((at) => view.getInt32(at, true));
    memory.close();
    return { status, state, displaced };
  }
}

let kernel: BusyKernel;
beforeEach(() => {
  kernel = new BusyKernel({}, 'ethernet', {}, PATH);
  expect(kernel.run('refuse')).toMatchObject({ state: STATES.deleted, displaced: 1 });
});
afterEach(() => kernel.close());

test('there is no room for it', () => {
  expect(kernel.run('look').status).toBe(NO_ROOM);
});

test('its key has a flow again after a sweep', async () => {
  expect(await kernel.sweep()).toMatchObject({ flows: 0 });
  expect(kernel.run('look')).toMatchObject({ state: STATES.none, displaced: 0 });
  expect(kernel.run('make')).toEqual({ status: CREATED, state: STATES.open, displaced: 0 });
});

test('the flow that another CPU has made of its key meanwhile stays', async () => {
  kernel.run('appear');
  expect(await kernel.sweep()).toMatchObject({ flows: 1, flowsDeleted: 0 });
  expect(kernel.run('look')).toMatchObject({ state: STATES.open, displaced: 0 });
});
