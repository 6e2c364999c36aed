/** A line of a stack in what was written for people, who should never see one. */
export const STACK_TRACE = /^\s+at /m;
