/** The queueing disciplines of all interfaces here. */
import { LITTLE } from '../core/endianness.js';
import { attributes, dump, textOf } from './rtnetlink.js';

export interface Qdisc {
  /** Of its interface. */
  readonly index: number;
  readonly kind: string;
}

/** linux/rtnetlink.h; struct tcmsg */
const RTM_GETQDISC = 38;
const TCA_KIND = 1;
const TCMSG = { index: 4, size: 20 } as const;

/** Each by itself: those below others as well. Throws a KernelError where that cannot be asked. */
export function* listQdiscs(): Generator<Qdisc> {
  const question = { type: RTM_GETQDISC, body: Buffer.alloc(TCMSG.size) };
  for (const answer of dump('list the queueing disciplines', question)) {
    const kind = textOf(attributes(answer, TCMSG.size).get(TCA_KIND));
    yield { index: answer.getInt32(TCMSG.index, LITTLE), kind };
  }
}
