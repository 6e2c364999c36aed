/** BPF programs in another network namespace, held there by a process. */
import type { ChildProcess } from 'node:child_process';
import type { Namespace } from '../../../lab/netns.js';
import { nextLine } from '../../../lab/services.js';
import type { Hook } from '../../../src/core/hooks.js';
import type { AttachMethod } from '../../../src/libbpf/attachment.js';
import { builtPath, script } from './script.js';

export interface Attachment {
  /** They stay attached as long as it lives. */
  readonly process: ChildProcess;
  /** Of the interfaces, in their order, as the kernel counts them in that namespace. */
  readonly indices: readonly number[];
}

/** Loads an object file, and attaches of its programs those of these names to each of the interfaces; on egress at the tail unless told. */
export async function attachIn(
  namespace: Namespace,
  object: string,
  programs: Readonly<Record<Hook, string>>,
  interfaces: readonly string[],
  method?: AttachMethod,
  isInFront = false,
): Promise<Attachment> {
  const code = `
    import { attach } from ${builtPath('attach.js')};
    import { findInterface } from ${builtPath('interfaces.js')};
    import { BpfObject } from ${builtPath('object.js')};
    const object = new BpfObject(${JSON.stringify(object)});
    const names = ${JSON.stringify(programs)};
    object.load(Object.values(names));
    const programs = {
      egress: object.program(names.egress),
      ingress: object.program(names.ingress),
    };
    const indices = ${JSON.stringify(interfaces)}.map((name) => findInterface(name).index);
    for (const index of indices) {
      const attachment = await attach(programs, index, ${JSON.stringify(method)});
      if (${isInFront}) attachment.moveToFront('egress');
    }
    process.stdout.write(JSON.stringify(indices) + '\\n');
    process.stdin.resume();
  `;
  const attachment = namespace.spawn(script(code), { stdio: ['pipe', 'pipe', 'inherit'] });
  return { process: attachment, indices: JSON.parse(await nextLine(attachment)) as number[] };
}
