/** Whether the programs still see an interface's packets, and why not. */
import { Fault } from '../faults.js';
import type { Attachment, Detachment } from '../libbpf/attachment.js';
import { KernelError } from '../libbpf/errors.js';
import { type Interface, interfaceName } from '../libbpf/interfaces.js';

/** Looks, one after the other, that the kernel may leave unanswered for lack of memory or descriptors. */
const MOST_UNANSWERED = 3;

export class Presence {
  readonly #watched: Interface;
  readonly #attachment: Attachment;
  #name: string;
  #unanswered = 0;

  constructor(watched: Interface, attachment: Attachment) {
    this.#watched = watched;
    this.#attachment = attachment;
    this.#name = watched.name;
  }

  /**
   * The interface's present name: it may have been renamed. Throws a Fault once it is gone, or
   * once another program has taken pping off it; not when it is down.
   */
  require(): string {
    try {
      this.#name = requireAttached(this.#watched.index, this.#name, this.#attachment);
      this.#unanswered = 0;
    } catch (error) {
      if (!(error instanceof KernelError) || ++this.#unanswered >= MOST_UNANSWERED) throw error;
    }
    return this.#name;
  }
}

function requireAttached(index: number, before: string, attachment: Attachment): string {
  const name = interfaceName(index);
  // After the name: what the kernel deletes loses its name first.
  const detachment = attachment.detached();
  if (name !== undefined && !detachment) return name;
  throw new Fault(reason(index, before, detachment));
}

function reason(index: number, name: string, detachment: Detachment | undefined): string {
  // A link goes along with its interface; filters do not.
  if (!detachment) return `interface ${name} is gone: it was moved to another network namespace`;
  if (interfaceName(index) === undefined) return `interface ${name} is gone`;
  return `another program removed ${detachmentText(detachment, name)}`;
}

function detachmentText({ what, hooks }: Detachment, name: string): string {
  if (what === 'clsact qdisc') return `the clsact qdisc from ${name}`;
  const plural = hooks.length > 1 ? 's' : '';
  return `pping's ${what}${plural} from ${name}'s ${hooks.join(' and ')}`;
}
