/** What the kernel is asked of several interfaces; tests have another one. */
import { interfaceName } from '../libbpf/interfaces.js';
import { type Link, listLinks } from '../libbpf/links.js';
import { listQdiscs, type Qdisc } from '../libbpf/qdiscs.js';
import { WatchedInterface } from './watched-interface.js';

/** What is asked of one of them. */
export type Watching = Pick<WatchedInterface, keyof WatchedInterface>;

/** What the kernel is asked. */
export interface InterfaceCalls {
  /** All interfaces. */
  readonly list: () => readonly Link[];
  /** Undefined once it is gone. */
  readonly nameOf: (index: number) => string | undefined;
  /** Of all of them. */
  readonly qdiscs: () => Iterable<Qdisc>;
  readonly attach: (...of: Parameters<typeof WatchedInterface.attach>) => Promise<Watching>;
}

export const CALLS: InterfaceCalls = {
  list: listLinks,
  nameOf: interfaceName,
  qdiscs: listQdiscs,
  attach: WatchedInterface.attach,
};
