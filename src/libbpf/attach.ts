/** Attaching the programs to an interface. */
import {
  type AttachMethod,
  type Attachment,
  type Detachment,
  HOOKS,
  type Hook,
  type Programs,
} from './attachment.js';
import { attachClsact } from './clsact.js';
import { KernelError } from './errors.js';
import { libbpf, libc, NULL } from './ffi.js';
import { tcxLinkInfo } from './info.js';

/** enum bpf_attach_type; libbpf 1.1 has no names for them. */
const BPF_TCX: Record<Hook, number> = { ingress: 46, egress: 47 };
const EINVAL = 22;

interface Link {
  readonly hook: Hook;
  readonly fd: number;
  readonly programId: number;
}

/**
 * Attaches both programs to interface `index`: with TCX links where the kernel
 * has them (6.6), which vanish with the process however it ends; else as clsact
 * filters.
 * @param only leaves no choice
 */
export async function attach(
  programs: Programs,
  index: number,
  only?: AttachMethod,
): Promise<Attachment> {
  const links = only === 'clsact' ? undefined : attachTcx(programs, index, only === 'tcx');
  return links ?? attachClsact(programs, index);
}

/** Undefined where the kernel has no TCX, unless it `must`. */
function attachTcx(programs: Programs, index: number, must: boolean): Attachment | undefined {
  const links: Link[] = [];
  const close = () => {
    for (const { fd } of links.splice(0)) libc.close(fd);
  };
  for (const hook of HOOKS) {
    const fd = libbpf().bpf_link_create(programs[hook], index, BPF_TCX[hook], NULL);
    if (fd < 0) {
      close();
      if (fd === -EINVAL && !must) return undefined;
      throw new KernelError(`attach to the interface's ${hook} with TCX`, -fd);
    }
    links.push({ hook, fd, programId: tcxLinkInfo(fd).programId });
  }
  return { method: 'tcx', detached: () => detachedLinks(links), close };
}

/** A link stays ours, but may be detached, or get another program. */
function detachedLinks(links: readonly Link[]): Detachment | undefined {
  const detached = links.filter(({ fd, programId }) => {
    const info = tcxLinkInfo(fd);
    return info.interfaceIndex === 0 || info.programId !== programId;
  });
  if (detached.length === 0) return undefined;
  return { what: 'TCX link', hooks: detached.map(({ hook }) => hook) };
}
