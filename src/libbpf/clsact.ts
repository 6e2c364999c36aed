/**
 * Attaching as clsact filters, for kernels without TCX. Filters outlive the
 * process, so here it matters whose is whose: an instance holds a slot (a place
 * among the filters) by an abstract socket, which belongs to the network
 * namespace and which the kernel lets go of however the process ends. A filter
 * of ours in a slot that nobody holds is what a killed instance left.
 */
import { createServer, type Server } from 'node:net';
import { Fault } from '../faults.js';
import { type Attachment, type Detachment, HOOKS, type Hook, type Programs } from './attachment.js';
import { filterAt, type Place, type PlacedFilter } from './clsact-filter.js';
import { check } from './errors.js';
import { libbpf, TcHook, TcOptions } from './ffi.js';
import { hasClsact } from './qdisc.js';

/** enum bpf_tc_attach_point */
const BPF_TC: Record<Hook, number> = { ingress: 1, egress: 2 };
const EEXIST = 17;

/** Of all our filters (`pref` in tc): "PP", and the slot in the handle. */
export const PRIORITY = 0x5050;
const HANDLE = 0x50500000;
const SLOTS = 16;

interface Slot {
  readonly number: number;
  readonly lock: Server;
}

interface Filter {
  readonly hook: Hook;
  readonly programId: number;
}

/** The clsact qdisc stays when we leave: others may have come to use it. */
export async function attachClsact(programs: Programs, index: number): Promise<Attachment> {
  createQdisc(index);
  const slot = await takeSlot(index);
  const filters: Filter[] = [];
  const close = () => {
    for (const filter of filters.splice(0)) detachOwn(filter, index, slot.number);
    slot.lock.close();
  };
  try {
    for (const hook of HOOKS) filters.push(attachFilter(programs[hook], hook, index, slot.number));
  } catch (error) {
    close();
    throw error;
  }
  return { method: 'clsact', detached: () => detachedFilters(filters, index, slot.number), close };
}

function createQdisc(index: number): void {
  const hook = new TcHook({
    sz: TcHook.size,
    ifindex: index,
    attach_point: BPF_TC.ingress | BPF_TC.egress,
  });
  const status = libbpf().bpf_tc_hook_create(hook.ref());
  if (status !== -EEXIST) check('add the clsact qdisc', status);
}

/** Clears all slots of what killed instances left, and keeps the first that is free. */
async function takeSlot(index: number): Promise<Slot> {
  let taken: Slot | undefined;
  for (let number = 0; number < SLOTS; number++) {
    const lock = await tryLock(`\0pping/clsact/${index}/${number}`);
    if (!lock) continue;
    const isFree = clearLeftovers(index, number);
    if (isFree && !taken) taken = { number, lock };
    else lock.close();
  }
  if (!taken) throw new Fault(`all ${SLOTS} places for clsact filters are taken`);
  return taken;
}

function tryLock(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}

/** @returns whether the slot is free now; not where somebody else's filter sits in it */
function clearLeftovers(index: number, slot: number): boolean {
  return HOOKS.map((hook) => {
    const filter = filterIn(hook, index, slot);
    if (filter === undefined) return true;
    if (!isOurs(hook, filter)) return false;
    detachOwn({ hook, programId: filter.programId }, index, slot);
    return true;
  }).every((isFree) => isFree);
}

function detachedFilters(
  filters: readonly Filter[],
  index: number,
  slot: number,
): Detachment | undefined {
  const detached = filters.filter(
    ({ hook, programId }) => filterAt(placeOf(hook, index, slot))?.programId !== programId,
  );
  if (detached.length === 0) return undefined;
  const isQdisc = detached.length === HOOKS.length && !hasClsact(index);
  return { what: isQdisc ? 'clsact qdisc' : 'filter', hooks: detached.map(({ hook }) => hook) };
}

/** What cannot be looked at is not provably ours. */
function filterIn(hook: Hook, index: number, slot: number): PlacedFilter | undefined {
  try {
    return filterAt(placeOf(hook, index, slot));
  } catch {
    return { programId: 0, name: '' };
  }
}

function isOurs(hook: Hook, { name, programId }: PlacedFilter): boolean {
  return name === `pping_${hook}:[${programId}]`;
}

function attachFilter(program: number, hook: Hook, index: number, slot: number): Filter {
  const options = filterOptions(slot, { prog_fd: program });
  const status = libbpf().bpf_tc_attach(hookOf(hook, index).ref(), options.ref());
  check(`attach to the interface's ${hook} with clsact`, status);
  return { hook, programId: Number(options.prog_id) };
}

/** Unless somebody has put another in its place. The interface may be gone, and the filter with it. */
function detachOwn({ hook, programId }: Filter, index: number, slot: number): void {
  if (filterIn(hook, index, slot)?.programId !== programId) return;
  libbpf().bpf_tc_detach(hookOf(hook, index).ref(), filterOptions(slot, {}).ref());
}

function placeOf(hook: Hook, index: number, slot: number): Place {
  return { index, hook, handle: HANDLE + slot, priority: PRIORITY };
}

function hookOf(hook: Hook, index: number) {
  return new TcHook({ sz: TcHook.size, ifindex: index, attach_point: BPF_TC[hook] });
}

function filterOptions(slot: number, fields: Record<string, number>) {
  return new TcOptions({
    sz: TcOptions.size,
    handle: HANDLE + slot,
    priority: PRIORITY,
    ...fields,
  });
}
