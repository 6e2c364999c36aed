/**
 * Attaching with TCX links. The programs at a hook run one after the other until one gives a verdict,
 * so what stands in front may hide packets. On ingress ours goes to the head, where the addresses are
 * still the wire's; on egress to the tail, where they are the wire's already.
 */
import { HOOKS, type Hook } from '../core/hooks.js';
import type { Attachment, Detachment, Programs } from './attachment.js';
import { KernelError } from './errors.js';
import { LinkOptions, libbpf, libc } from './ffi.js';
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
export function attachTcx(
  programs: Programs,
  index: number,
  must: boolean,
): Attachment | undefined {
  const links = new Map<Hook, Link>();
  const close = () => {
    for (const { fd } of links.values()) libc.close(fd);
    links.clear();
  };
  const create = (hook: Hook, flags: number) =>
    links.set(hook, createLink(programs[hook], hook, index, flags));
  try {
    for (const hook of HOOKS) create(hook, hook === 'ingress' ? BPF_F_BEFORE : 0);
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
      create(hook, BPF_F_BEFORE);
    },
    detached: () => detachedLinks(links),
    close,
  };
}

function createLink(program: number, hook: Hook, index: number, flags: number): Link {
  const options = new LinkOptions({ sz: LinkOptions.size, flags });
  const fd = libbpf().bpf_link_create(program, index, BPF_TCX[hook], options.ref());
  if (fd < 0) throw new KernelError(`attach to the interface's ${hook} with TCX`, -fd);
  return { fd, programId: tcxLinkInfo(fd).programId };
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
