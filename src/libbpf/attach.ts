/** Attaching the programs to an interface, and taking off what is ours. */
import { createServer, type Server } from 'node:net';
import { check, KernelError } from './errors.js';
import { libbpf, libc, NULL, TcHook, TcOptions } from './ffi.js';
import { programName } from './info.js';

export type AttachMethod = 'tcx' | 'clsact';
export type Hook = 'egress' | 'ingress';

export interface Attachment {
  readonly method: AttachMethod;
  /** Takes off what was attached, and nothing else. May be called twice. */
  close(): void;
}

/** enum bpf_attach_type; libbpf 1.1 has no name for them yet. */
const BPF_TCX: Record<Hook, number> = { ingress: 46, egress: 47 };
/** enum bpf_tc_attach_point */
const BPF_TC: Record<Hook, number> = { ingress: 1, egress: 2 };
const BPF_TC_F_REPLACE = 1;
const EINVAL = 22;
const EEXIST = 17;
const ENOENT = 2;

/** Our place among the filters of an interface: "PP" and a slot, so that several instances fit. */
const PRIORITY = 0x5050;
const HANDLE = 0x50500000;
const SLOTS = 64;

/**
 * Attaches both programs to interface `index`: with TCX links where the kernel
 * has them (6.6), which vanish with the process however it ends; else as clsact
 * filters.
 * @param only leaves no choice
 */
export async function attach(
  programs: Record<Hook, number>,
  index: number,
  only?: AttachMethod,
): Promise<Attachment> {
  if (only !== 'clsact') {
    const links = attachTcx(programs, index, only === 'tcx');
    if (links) return links;
  }
  return attachClsact(programs, index);
}

/** Undefined where the kernel has no TCX, unless it `must`. */
function attachTcx(
  programs: Record<Hook, number>,
  index: number,
  must: boolean,
): Attachment | undefined {
  const links: number[] = [];
  const close = () => {
    for (const link of links.splice(0)) libc.close(link);
  };
  for (const hook of ['egress', 'ingress'] as const) {
    const link = libbpf().bpf_link_create(programs[hook], index, BPF_TCX[hook], NULL);
    if (link < 0) {
      close();
      if (link === -EINVAL && !must) return undefined;
      throw new KernelError(`attach to the interface's ${hook} with TCX`, -link);
    }
    links.push(link);
  }
  return { method: 'tcx', close };
}

async function attachClsact(programs: Record<Hook, number>, index: number): Promise<Attachment> {
  createClsact(index);
  const slot = await takeSlot(index);
  const attached: Hook[] = [];
  const close = () => {
    for (const hook of attached.splice(0)) detachFilter(hook, index, slot.number);
    slot.lock.close();
  };
  try {
    for (const hook of ['egress', 'ingress'] as const) {
      attachFilter(programs[hook], hook, index, slot.number);
      attached.push(hook);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { method: 'clsact', close };
}

/** The clsact qdisc stays when we leave: others may have come to use it. */
function createClsact(index: number): void {
  const hook = new TcHook({
    sz: TcHook.size,
    ifindex: index,
    attach_point: BPF_TC.ingress | BPF_TC.egress,
  });
  const status = libbpf().bpf_tc_hook_create(hook.ref());
  if (status !== -EEXIST) check('add the clsact qdisc', status);
}

/**
 * The first slot that no living instance holds and no foreign filter sits in.
 * Instances hold theirs by an abstract socket: it belongs to the network
 * namespace, and the kernel lets go of it however the process ends.
 */
async function takeSlot(index: number): Promise<{ number: number; lock: Server }> {
  for (let number = 0; number < SLOTS; number++) {
    const lock = await tryLock(`\0pping/clsact/${index}/${number}`);
    if (!lock) continue;
    if (isFreeOrOurs('egress', index, number) && isFreeOrOurs('ingress', index, number)) {
      return { number, lock };
    }
    lock.close();
  }
  throw new KernelError('find a free place for the filters', EEXIST);
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

/** A filter of ours in a slot that nobody holds is what a killed instance left. */
function isFreeOrOurs(hook: Hook, index: number, slot: number): boolean {
  const options = filterOptions(slot, {});
  const status = libbpf().bpf_tc_query(hookOf(hook, index).ref(), options.ref());
  if (status === -ENOENT) return true;
  check('look for filters', status);
  return programName(Number(options.prog_id)) === `pping_${hook}`;
}

function attachFilter(program: number, hook: Hook, index: number, slot: number): void {
  const options = filterOptions(slot, { prog_fd: program, flags: BPF_TC_F_REPLACE });
  const status = libbpf().bpf_tc_attach(hookOf(hook, index).ref(), options.ref());
  check(`attach to the interface's ${hook} with clsact`, status);
}

/** The interface may be gone, and the filter with it. */
function detachFilter(hook: Hook, index: number, slot: number): void {
  libbpf().bpf_tc_detach(hookOf(hook, index).ref(), filterOptions(slot, {}).ref());
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
