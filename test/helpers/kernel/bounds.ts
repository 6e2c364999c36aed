/**
 * What the programs, their maps and events may take. Nothing here is a time, so that each machine can hold them.
 *
 * Whoever makes one of these grow writes its new value here, and the commit says what it buys. Whoever makes one
 * shrink writes that, so that it stays so.
 */

export interface Bound {
  /** What it was when it was last looked at. */
  readonly was: number;
  readonly why: string;
}

/** What makes these figures: they were found with this clang, kernel and machine. */
export const FOUND_WITH = { clang: '14', kernel: '6.18', architecture: 'x64' } as const;
/** So much more is let pass: a mend of a few instructions is no decision. */
export const MARGIN = 0.03;
/** The same with another clang or kernel: clang 13 to 22 differ by 4 %, and by 20 % in what the verifier follows. */
export const MARGIN_ELSEWHERE = 0.25;

const WHY_INSTRUCTIONS =
  'each packet runs some of them, and the verifier follows all at each start';
const WHY_CODE =
  'code that does not fit the instruction cache is slow, and other programs need it, too';
const WHY_FOLLOWED = 'each start waits for it, and kernels refuse more than a million';

/** As loaded by default. */
export const PROGRAMS = {
  pping_egress: {
    instructions: { was: 15_231, why: WHY_INSTRUCTIONS },
    'bytes of machine code': { was: 69_131, why: WHY_CODE },
    'instructions that the verifier follows': { was: 58_362, why: WHY_FOLLOWED },
  },
  pping_ingress: {
    instructions: { was: 15_230, why: WHY_INSTRUCTIONS },
    'bytes of machine code': { was: 69_108, why: WHY_CODE },
    'instructions that the verifier follows': { was: 58_438, why: WHY_FOLLOWED },
  },
  pping_sweep: {
    instructions: { was: 3_262, why: 'it runs once a second for each flow' },
    'bytes of machine code': { was: 14_939, why: 'it runs once a second for each flow' },
    'instructions that the verifier follows': { was: 8_400, why: WHY_FOLLOWED },
  },
} as const satisfies Record<string, Record<string, Bound>>;

/** Bytes of all maps that the programs use, once they are loaded and before there is a flow. */
export const EMPTY_MAPS = {
  'by default': {
    was: 70_440_740,
    why: 'the table of flows, 51 MiB of it; the ring buffers; and a bucket for each entry that may come',
  },
  '--max-flows 1024 --max-timestamps 1024': {
    was: 13_479_716,
    why: 'what a small machine has to spare at least',
  },
} as const satisfies Record<string, Bound>;

/** Bytes, by layout: exactly. */
export const SIZES = {
  'an RTT event': {
    was: 136,
    why: 'each sample that is told writes one, and the reader reads it: both times cold memory',
  },
  'an RTT event with losses': { was: 184, why: 'those of connections that have lost something' },
  'a flow event': { was: 144, why: 'each connection has two' },
  'an overdue event': { was: 72, why: 'each unanswered sample may have one' },
  'a flow, in its table': {
    was: 532,
    why: 'times --max-flows, from the start; with owners and ends before NAT: 384 without these, and 20 of the index',
  },
  'a waiting timestamp': { was: 208, why: 'times --max-timestamps; 192, and a bucket' },
  "a flow's losses": { was: 272, why: 'times --max-flows, at worst; 256, and a bucket' },
} as const satisfies Record<string, Bound>;

/** Cache lines of a flow: exactly. Each may be a miss of some 100 ns. */
export const CACHE_LINES = {
  'data, no sample due': {
    was: 3,
    why: 'most packets are such; the common part, its direction, and what waits of the other',
  },
  'a pure ACK that answers nothing': {
    was: 3,
    why: 'who receives data sends little else',
  },
} as const satisfies Record<string, Bound>;
