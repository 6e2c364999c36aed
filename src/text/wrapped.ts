/** Lines of text that fit a terminal. */

/** Terminals have at least so many columns. */
const WIDTH = 80;
/** What goes on stands further in than where it began. */
const HANG = 2;

/** A line, broken between words where it is longer than `width`. A word that is longer stays whole. */
export function wrapped(line: string, width = WIDTH): string[] {
  const lines: string[] = [];
  const indent = line.length - line.trimStart().length;
  let rest = line;
  while (rest.length > width) {
    const at = breakIn(rest, width, rest.length - rest.trimStart().length);
    if (at < 0) break;
    lines.push(rest.slice(0, at));
    rest = ' '.repeat(indent + HANG) + rest.slice(at + 1);
  }
  return [...lines, rest];
}

/** The last space that fits, else the first one behind; -1 where there is none. */
function breakIn(line: string, width: number, start: number): number {
  const before = line.lastIndexOf(' ', width);
  return before > start ? before : line.indexOf(' ', Math.max(width, start));
}
