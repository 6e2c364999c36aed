/**
 * Attaching as clsact filters, for kernels without TCX. Filters outlive the
 * process, so here it matters whose is whose: an instance holds a slot (a place
 * among the filters) by a name that the kernel lets go of however the process ends. A filter
 * of ours in a slot that nobody holds is what a killed instance left.
 */
import { HOOKS, type Hook } from '../core/hooks.js';
import { Fault } from '../faults.js';
import { holdName } from './abstract-names.js';
import type { Attachment, Detachment, Programs } from './attachment.js';
import { type FilterAtHook, filterAt, filtersAt, type Place } from './clsact-filter.js';
import { filtersBefore, isOurFilter, PRIORITY, priorityInFront } from './clsact-order.js';
import { check } from './errors.js';
import { libbpf, TcHook, TcOptions } from './ffi.js';
import { hasClsact } from './qdisc.js';
import { tcxBefore } from './tcx-chain.js';

/** enum bpf_tc_attach_point */
const BPF_TC: Record<Hook, number> = { ingress: 1, egress: 2 };
const EEXIST = 17;

/** Of all our filters: "PP", and the slot. */
const HANDLE = 0x50500000;
const SLOTS = 16;

interface Slot {
  readonly number: number;
  readonly release: () => void;
}

/** One of ours. */
interface Filter extends Place {
  readonly programId: number;
}

type PlacedAtHook = Place & FilterAtHook;

/** The clsact qdisc stays when we leave: others may have come to use it. */
export function attachClsact(programs: Programs, index: number): Attachment {
  createQdisc(index);
  const slot = takeSlot(index);
  const filters = new Map<Hook, Filter>();
  const handle = HANDLE + slot.number;
  const add = (hook: Hook, priority: number) =>
    filters.set(hook, attachFilter(programs[hook], { index, hook, handle, priority }));
  const close = () => {
    for (const filter of filters.values()) detachOwn(filter);
    filters.clear();
    slot.release();
  };
  const inFront = (hook: Hook) => priorityInFront(filtersAt(index, hook));
  try {
    for (const hook of HOOKS) add(hook, hook === 'ingress' ? inFront(hook) : PRIORITY);
  } catch (error) {
    close();
    throw error;
  }
  return {
    method: 'clsact',
    // Where the kernel has TCX, too, its programs come before all filters.
    predecessors: (hook) => [
      ...tcxBefore(index, hook),
      ...filtersBefore(filtersAt(index, hook), handle),
    ],
    moveToFront(hook) {
      const filter = filters.get(hook);
      if (!filter) return;
      detachOwn(filter);
      filters.delete(hook);
      add(hook, inFront(hook));
    },
    detached: () => detachedFilters([...filters.values()]),
    close,
    leave: async () => close(),
  };
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
function takeSlot(index: number): Slot {
  let taken: Slot | undefined;
  const occupied = new Set(HOOKS.flatMap((hook) => filtersIn(index, hook)).map(slotOf));
  for (let number = 0; number < SLOTS; number++) {
    // Where nothing is, there is nothing to clear.
    if (taken && !occupied.has(number)) continue;
    const release = holdName(`pping/clsact/${index}/${number}`);
    if (!release) continue;
    const isFree = clearLeftovers(index, number);
    if (isFree && !taken) taken = { number, release };
    else release();
  }
  if (!taken) throw new Fault(`all ${SLOTS} clsact filter slots are in use`);
  return taken;
}

/** @returns whether the slot is free now; not where somebody else's filter sits in it */
function clearLeftovers(index: number, slot: number): boolean {
  const filters = HOOKS.flatMap((hook) => filtersIn(index, hook));
  const inSlot = filters.filter((filter) => slotOf(filter) === slot);
  const isOurs = (filter: PlacedAtHook) => isOurFilter(filter.hook, filter);
  for (const filter of inSlot.filter(isOurs)) detachOwn(filter);
  return inSlot.every(isOurs);
}

/** Of whatever priority: ours may have been put in front of others. */
function filtersIn(index: number, hook: Hook): PlacedAtHook[] {
  return Array.from(filtersAt(index, hook), (filter) => ({ ...filter, index, hook }));
}

function slotOf({ handle }: PlacedAtHook): number {
  return handle - HANDLE;
}

function detachedFilters(filters: readonly Filter[]): Detachment | undefined {
  const detached = filters.filter((filter) => filterAt(filter)?.programId !== filter.programId);
  const [first] = detached;
  if (!first) return undefined;
  const isQdisc = detached.length === HOOKS.length && !hasClsact(first.index);
  return { what: isQdisc ? 'clsact qdisc' : 'filter', hooks: detached.map(({ hook }) => hook) };
}

function attachFilter(program: number, place: Place): Filter {
  const options = filterOptions(place, { prog_fd: program });
  const status = libbpf().bpf_tc_attach(hookOf(place).ref(), options.ref());
  check(`attach to the interface's ${place.hook} with clsact`, status);
  return { ...place, programId: Number(options.prog_id) };
}

/** Unless somebody has put another in its place. The interface may be gone, and the filter with it. */
function detachOwn(filter: Filter): void {
  if (!isThere(filter)) return;
  libbpf().bpf_tc_detach(hookOf(filter).ref(), filterOptions(filter, {}).ref());
}

/** What cannot be looked at is not provably ours. */
function isThere(filter: Filter): boolean {
  try {
    return filterAt(filter)?.programId === filter.programId;
  } catch {
    return false;
  }
}

function hookOf({ index, hook }: Place) {
  return new TcHook({ sz: TcHook.size, ifindex: index, attach_point: BPF_TC[hook] });
}

function filterOptions({ handle, priority }: Place, fields: Record<string, number>) {
  return new TcOptions({ sz: TcOptions.size, handle, priority, ...fields });
}
