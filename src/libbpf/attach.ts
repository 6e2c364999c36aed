/** Attaching the programs to an interface. */
import {
  type AttachMethod,
  type Attachment,
  HOOKS,
  type Hook,
  type Programs,
} from './attachment.js';
import { attachClsact } from './clsact.js';
import { KernelError } from './errors.js';
import { libbpf, libc, NULL } from './ffi.js';

/** enum bpf_attach_type; libbpf 1.1 has no names for them. */
const BPF_TCX: Record<Hook, number> = { ingress: 46, egress: 47 };
const EINVAL = 22;

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
  const links: number[] = [];
  const close = () => {
    for (const link of links.splice(0)) libc.close(link);
  };
  for (const hook of HOOKS) {
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
