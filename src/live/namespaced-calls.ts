/** The same calls in a network namespace, with programs in front of those that watch, which say whose packets they are. */
import type { AttachMethod, Programs } from '../libbpf/attachment.js';
import { claim } from '../libbpf/instances.js';
import { type Interface, interfaceName } from '../libbpf/interfaces.js';
import { listLinks } from '../libbpf/links.js';
import {
  CannotEnter,
  inNamespace,
  type NamespaceAt,
  NamespaceGone,
} from '../libbpf/network-namespace.js';
import { listQdiscs } from '../libbpf/qdiscs.js';
import type { Seen } from '../visibility/blindness.js';
import type { Predecessors, Sighting } from '../visibility/sightings.js';
import type { Entry, EntryPrograms } from './entry-programs.js';
import type { InterfaceCalls, Watching } from './interface-calls.js';
import { WatchedInterface } from './watched-interface.js';

export interface NamespacedParts {
  /** As it is found now. */
  readonly where: () => NamespaceAt;
  readonly entries: EntryPrograms;
  /** Of an interface, by its index there. */
  readonly numberOf: (index: number) => number;
}

export function callsIn(parts: NamespacedParts): InterfaceCalls {
  const { where } = parts;
  return {
    list: () => inNamespace(where(), listLinks),
    nameOf: (index) => inNamespace(where(), () => interfaceName(index)),
    qdiscs: () => inNamespace(where(), () => [...listQdiscs()]),
    attach: (watched, _programs, method) => NamespacedInterface.attach(watched, method, parts),
  };
}

/** An interface there: whatever is asked about it is asked with the thread in its namespace. */
class NamespacedInterface implements Watching {
  readonly #inside: Watching;
  readonly #where: () => NamespaceAt;
  readonly #entry: Entry;
  readonly #disclaim: () => void;

  private constructor(
    inside: Watching,
    where: () => NamespaceAt,
    { entry, disclaim }: { readonly entry: Entry; readonly disclaim: () => void },
  ) {
    this.#inside = inside;
    this.#where = where;
    this.#entry = entry;
    this.#disclaim = disclaim;
  }

  static async attach(
    watched: Interface,
    method: AttachMethod | undefined,
    { where, entries, numberOf }: NamespacedParts,
  ): Promise<NamespacedInterface> {
    const there = where();
    const { index, linkLayer } = watched;
    const facts = { interface: numberOf(index), namespace: there.inode };
    const entry = entries.load(linkLayer, facts);
    let disclaim = () => {};
    try {
      disclaim = inNamespace(there, () => claim(Object.values(entry.programs)));
      const inside = await attached(there, watched, entry.programs, method);
      return new NamespacedInterface(inside, where, { entry, disclaim });
    } catch (error) {
      disclaim();
      entry.close();
      throw error;
    }
  }

  get name(): string {
    return this.#inside.name;
  }

  get presentName(): string {
    return this.#inside.presentName;
  }

  get attachMethod(): AttachMethod {
    return this.#inside.attachMethod;
  }

  get sightings(): readonly Sighting[] {
    return this.#inside.sightings;
  }

  requireAttached(): string {
    return this.#ask(() => this.#inside.requireAttached(), this.presentName);
  }

  lookOut(seen: Seen | undefined): readonly Sighting[] {
    return this.#ask(() => this.#inside.lookOut(seen), []);
  }

  predecessors(): Predecessors {
    return this.#ask(() => this.#inside.predecessors(), { egress: [], ingress: [] });
  }

  /** Links are let go of from anywhere; filters, only from where they are. */
  detach(): void {
    const detach = () => this.#inside.detach();
    if (this.attachMethod === 'tcx') detach();
    else unlessOutOfReach(() => inNamespace(this.#where(), detach));
    this.#end();
  }

  async leave(): Promise<void> {
    if (this.attachMethod === 'tcx') await this.#inside.leave();
    this.detach();
  }

  /** Where it cannot be entered now, the next look tells. Throws where the namespace is gone. */
  #ask<Answer>(question: () => Answer, unanswered: Answer): Answer {
    try {
      return inNamespace(this.#where(), question);
    } catch (error) {
      if (error instanceof CannotEnter) return unanswered;
      throw error;
    }
  }

  #end(): void {
    this.#disclaim();
    this.#entry.close();
  }
}

/** In our own namespace on another thread: that one is nowhere else. */
async function attached(
  there: NamespaceAt,
  watched: Interface,
  programs: Programs,
  method: AttachMethod | undefined,
): Promise<Watching> {
  if (there.name === undefined) return WatchedInterface.attach(watched, programs, method);
  return inNamespace(there, () => WatchedInterface.attachHere(watched, programs, method));
}

/** With the namespace all that was attached there is gone; where it cannot be entered, what stays does nothing. */
function unlessOutOfReach(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof NamespaceGone || error instanceof CannotEnter)) throw error;
  }
}
