/**
 * Attaching with TCX links. The programs at a hook run one after the other until one gives a verdict,
 * so what stands in front may hide packets. On ingress ours goes to the head, where the addresses are
 * still the wire's; on egress to the tail, where they are the wire's already.
 *
 * For each link that comes or goes the kernel waits until no packet is on its way through the hook (an
 * RCU grace period: some ms, one link after the other). On another thread nobody waits along.
 */
import { HOOKS, type Hook, type Predecessor } from '../core/hooks.js';
import type { Attachment, Detachment, Programs } from './attachment.js';
import { KernelError } from './errors.js';
import { callAsync, LinkOptions, libbpf, libc, type Pointer } from './ffi.js';
import { tcxLinkInfo } from './info.js';
import { BPF_TCX, tcxBefore } from './tcx-chain.js';

const EINVAL = 22;
/** BPF_F_BEFORE, and nothing that it is relative to: the head. No flag: the tail. */
const BPF_F_BEFORE = 8;
const FLAGS: Record<Hook, number> = { ingress: BPF_F_BEFORE, egress: 0 };

interface Link {
  readonly fd: number;
  readonly programId: number;
}

/** On another thread. Undefined where the kernel has no TCX, unless it `must`. */
export async function attachTcx(
  programs: Programs,
  index: number,
  must: boolean,
): Promise<Attachment | undefined> {
  const links = new TcxLinks(programs, index);
  try {
    for (const hook of HOOKS) await links.addBeside(hook);
    return links;
  } catch (error) {
    return links.giveUp(error, must);
  }
}

/** On this thread: in the network namespace that it is in. */
export function attachTcxHere(
  programs: Programs,
  index: number,
  must: boolean,
): Attachment | undefined {
  const links = new TcxLinks(programs, index);
  try {
    for (const hook of HOOKS) links.add(hook);
    return links;
  } catch (error) {
    return links.giveUp(error, must);
  }
}

class TcxLinks implements Attachment {
  readonly method = 'tcx';
  readonly #programs: Programs;
  readonly #index: number;
  readonly #links = new Map<Hook, Link>();

  constructor(programs: Programs, index: number) {
    this.#programs = programs;
    this.#index = index;
  }

  add(hook: Hook, flags = FLAGS[hook]): void {
    this.#take(hook, libbpf().bpf_link_create(...this.#arguments(hook, flags)));
  }

  async addBeside(hook: Hook): Promise<void> {
    const args = this.#arguments(hook, FLAGS[hook]);
    this.#take(hook, await callAsync(libbpf().bpf_link_create, ...args));
  }

  /** Throws what has happened, unless there is another way. */
  giveUp(error: unknown, must: boolean): undefined {
    this.close();
    if (error instanceof KernelError && error.errno === EINVAL && !must) return undefined;
    throw error;
  }

  predecessors(hook: Hook): Predecessor[] {
    return tcxBefore(this.#index, hook, this.#links.get(hook)?.programId);
  }

  moveToFront(hook: Hook): void {
    // The kernel takes a program only once at a hook.
    libc.close(this.#links.get(hook)?.fd ?? -1);
    this.#links.delete(hook);
    this.add(hook, BPF_F_BEFORE);
  }

  /** A link stays ours, but may be detached, or get another program. */
  detached(): Detachment | undefined {
    const hooks: Hook[] = [];
    for (const [hook, { fd, programId }] of this.#links) {
      const info = tcxLinkInfo(fd);
      if (info.interfaceIndex === 0 || info.programId !== programId) hooks.push(hook);
    }
    return hooks.length === 0 ? undefined : { what: 'TCX link', hooks };
  }

  close(): void {
    for (const { fd } of this.#links.values()) libc.close(fd);
    this.#links.clear();
  }

  async leave(): Promise<void> {
    const fds = Array.from(this.#links.values(), ({ fd }) => fd);
    this.#links.clear();
    for (const fd of fds) await callAsync(libc.close, fd);
  }

  /** Of bpf_link_create(). */
  #arguments(
    hook: Hook,
    flags: number,
  ): [program: number, target: number, type: number, options: Pointer] {
    const options = new LinkOptions({ sz: LinkOptions.size, flags });
    return [this.#programs[hook], this.#index, BPF_TCX[hook], options.ref()];
  }

  /** @param result of bpf_link_create(): a descriptor, or what went wrong */
  #take(hook: Hook, result: number): void {
    if (result < 0) throw new KernelError(`attach to the interface's ${hook} with TCX`, -result);
    this.#links.set(hook, { fd: result, programId: tcxLinkInfo(result).programId });
  }
}
