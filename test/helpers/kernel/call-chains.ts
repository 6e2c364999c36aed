/**
 * How much of the stack calls take, as kernel 6.1 counts it: all frames of a chain together, each rounded up to 32
 * bytes. Later kernels may round to less, and accept what those before refuse.
 *
 * By the code alone: what constants leave out before a program is verified counts, too.
 */
import { type Func, readPrograms } from '../../../lab/kernel/code.js';

/** MAX_BPF_STACK (linux/filter.h) */
export const MOST_STACK_BYTES = 512;
const FRAME_UNIT = 32;

/** linux/bpf_common.h, linux/bpf.h */
const [CLASS_LDX, CLASS_ST, CLASS_STX] = [1, 2, 3];
const [OP_MOVE, OP_ADD] = [0xbf, 0x07];
const FRAME_POINTER = 10;

export interface Chain {
  readonly bytes: number;
  /** Each function and its frame, the program first: `pping_egress 192 > measure 64`. */
  readonly calls: string;
}

/** Of each program of an object the chain of calls that takes the most. */
export function deepestChains(path: string): Chain[] {
  const known = new Map<Func, Chain>();
  return readPrograms(path).map((program) => deepest(program, known));
}

function deepest(caller: Func, known: Map<Func, Chain>): Chain {
  const found = known.get(caller);
  if (found) return found;
  const [rest] = caller.calls
    .map((called) => deepest(called, known))
    .sort((a, b) => b.bytes - a.bytes);
  const own = roundedUp(frameOf(caller));
  const chain = {
    bytes: own + (rest?.bytes ?? 0),
    calls: `${caller.name} ${own}${rest ? ` > ${rest.calls}` : ''}`,
  };
  known.set(caller, chain);
  return chain;
}

/** Whoever needs none has one, too. */
function roundedUp(frame: number): number {
  return Math.ceil(Math.max(frame, 1) / FRAME_UNIT) * FRAME_UNIT;
}

/**
 * How far below the frame pointer a function reads, writes or points. Compilers make a pointer into the frame in two
 * steps, one after the other: a copy of the frame pointer, and what is added to that.
 */
function frameOf({ instructions }: Func): number {
  const below = instructions.map(({ operation, to, from, offset }, index) => {
    const kind = operation & 7;
    if (kind === CLASS_LDX) return from === FRAME_POINTER ? -offset : 0;
    if (kind === CLASS_ST || kind === CLASS_STX) return to === FRAME_POINTER ? -offset : 0;
    const next = instructions[index + 1];
    const isCopy = operation === OP_MOVE && from === FRAME_POINTER;
    return isCopy && next?.operation === OP_ADD && next.to === to ? -next.immediate : 0;
  });
  return Math.max(0, ...below);
}
