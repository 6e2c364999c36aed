/** Traffic control (qdiscs and filters), asked of the kernel by rtnetlink. */
import { LITTLE } from '../core/endianness.js';
import { type Attributes, ask, attributes, dump, NLM_F_ECHO, viewOf } from './rtnetlink.js';

/** struct tcmsg (linux/rtnetlink.h) */
const TCMSG = { index: 4, handle: 8, parent: 12, info: 16, size: 20 } as const;

export interface TrafficControl {
  /** RTM_GET... */
  readonly type: number;
  /** Of the interface. */
  readonly index: number;
  readonly handle: number;
  readonly parent: number;
  readonly info?: number;
}

/** One of those that there are. */
export interface Described {
  readonly handle: number;
  readonly info: number;
  readonly attributes: Attributes;
}

/** @returns what the answer says. Throws a KernelError named `operation` where the kernel refuses one. */
export function askTrafficControl(operation: string, question: TrafficControl): Attributes {
  const { type } = question;
  const answer = ask(operation, { type, body: bodyOf(question), flags: NLM_F_ECHO });
  return attributes(answer, TCMSG.size);
}

/** All of an interface that are below the parent, in the kernel's order. */
export function* dumpTrafficControl(
  operation: string,
  question: Pick<TrafficControl, 'type' | 'index' | 'parent'>,
): Generator<Described> {
  const body = bodyOf({ ...question, handle: 0 });
  for (const answer of dump(operation, { type: question.type, body })) {
    yield {
      handle: answer.getUint32(TCMSG.handle, LITTLE),
      info: answer.getUint32(TCMSG.info, LITTLE),
      attributes: attributes(answer, TCMSG.size),
    };
  }
}

function bodyOf({ index, handle, parent, info = 0 }: TrafficControl): Buffer {
  const bytes = Buffer.alloc(TCMSG.size);
  const view = viewOf(bytes);
  view.setInt32(TCMSG.index, index, LITTLE);
  view.setUint32(TCMSG.handle, handle, LITTLE);
  view.setUint32(TCMSG.parent, parent, LITTLE);
  view.setUint32(TCMSG.info, info, LITTLE);
  return bytes;
}
