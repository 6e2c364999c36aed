/** Names in a column. */

/** Cut in the middle: both ends of an address tell something. */
export function shortened(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}

/** Both ends of a flow, `a:1+b:2`: each is cut by itself, so that its port is still there to tell flows apart. */
export function shortenedEnds(text: string, width: number): string {
  const [, first, second] = ENDS.exec(text) ?? [];
  if (text.length <= width || first === undefined || second === undefined)
    return shortened(text, width);
  const room = width - 1;
  const [least, leastOfSecond] = [leastOf(first), leastOf(second)];
  if (least + leastOfSecond > room) return shortened(text, width);
  const half = Math.max(Math.floor(room / 2), room - second.length);
  const ofFirst = Math.min(first.length, Math.max(least, Math.min(half, room - leastOfSecond)));
  return `${cut(first, ofFirst)}+${cut(second, room - ofFirst)}`;
}

const ENDS = /^(.*?)\+(.*)$/;
const LEAST_HEAD = 4;
/** The port of an end, and what follows. */
const TAIL = /(?::\d+)?(?: .*)?$/;

function tailOf(end: string): number {
  return TAIL.exec(end)?.[0].length ?? 0;
}

/** With what stands for the rest. */
function leastOf(end: string): number {
  return Math.min(end.length, 1 + tailOf(end));
}

function cut(end: string, width: number): string {
  if (end.length <= width) return end.padEnd(width);
  const tail = Math.max(tailOf(end), Math.floor((width - 1) / 2));
  const head = width - 1 - tail;
  // So little of an address tells nothing.
  const told = head < LEAST_HEAD ? 0 : head;
  return `${end.slice(0, told)}…${end.slice(end.length - (width - 1 - told))}`;
}
