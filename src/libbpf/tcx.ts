/**
 * Attaching with TCX links. The programs at a hook run one after the other until one gives a verdict,
 * so what stands in front may hide packets. On ingress ours goes to the head, where the addresses are
 * still the wire's; on egress to the tail, where they are the wire's already.
 *
 * For each link that comes or goes the kernel waits until no packet is on its way through the hook (an
 * RCU grace period: some ms, one link after the other). On another thread nobody waits along.
 */
import { HOOKS, type Hook } from '../core/hooks.js';
import type { Attachment, Detachment, Programs } from './attachment.js';
import { KernelError } from './errors.js';
import { callAsync, LinkOptions, libbpf, libc, type Pointer } from './ffi.js';
import { tcxLinkInfo } from './info.js';
import { BPF_TCX, tcxBefore } from './tcx-chain.js';

const EINVAL = 22;
/** BPF_F_BEFORE, and nothing that it is relative to: the head. No flag: the tail. */
const BPF_F_BEFORE = 8;

interface Link {
  readonly fd: number;
  readonly programId: number;
}

/** Undefined where the kernel has no TCX, unless it `must`. */
export async function attachTcx(
  programs: Programs,
  index: number,
  must: boolean,
): Promise<Attachment | undefined> {
  const links = new Map<Hook, Link>();
  const close = () => {
    for (const { fd } of links.values()) libc.close(fd);
    links.clear();
  };
  const add = (hook: Hook, result: number) => links.set(hook, linkOf(hook, result));
  try {
    for (const hook of HOOKS) {
      const flags = hook === 'ingress' ? BPF_F_BEFORE : 0;
      const args = linkArguments(programs[hook], hook, index, flags);
      add(hook, await callAsync(libbpf().bpf_link_create, ...args));
    }
  } catch (error) {
    close();
    if (error instanceof KernelError && error.errno === EINVAL && !must) return undefined;
    throw error;
  }
  return {
    method: 'tcx',
    predecessors: (hook) => tcxBefore(index, hook, links.get(hook)?.programId),
    moveToFront(hook) {
      // The kernel takes a program only once at a hook.
      libc.close(links.get(hook)?.fd ?? -1);
      links.delete(hook);
      const args = linkArguments(programs[hook], hook, index, BPF_F_BEFORE);
      add(hook, libbpf().bpf_link_create(...args));
    },
    detached: () => detachedLinks(links),
    close,
    async leave() {
      const fds = Array.from(links.values(), ({ fd }) => fd);
      links.clear();
      for (const fd of fds) await callAsync(libc.close, fd);
    },
  };
}

/** Of bpf_link_create(). */
function linkArguments(
  program: number,
  hook: Hook,
  index: number,
  flags: number,
): [program: number, target: number, type: number, options: Pointer] {
  const options = new LinkOptions({ sz: LinkOptions.size, flags });
  return [program, index, BPF_TCX[hook], options.ref()];
}

/** @param result of bpf_link_create(): a descriptor, or what went wrong */
function linkOf(hook: Hook, result: number): Link {
  if (result < 0) throw new KernelError(`attach to the interface's ${hook} with TCX`, -result);
  return { fd: result, programId: tcxLinkInfo(result).programId };
}

/** A link stays ours, but may be detached, or get another program. */
function detachedLinks(links: ReadonlyMap<Hook, Link>): Detachment | undefined {
  const hooks: Hook[] = [];
  for (const [hook, { fd, programId }] of links) {
    const info = tcxLinkInfo(fd);
    if (info.interfaceIndex === 0 || info.programId !== programId) hooks.push(hook);
  }
  return hooks.length === 0 ? undefined : { what: 'TCX link', hooks };
}
