/** The lines of an input, however large it is. */
import type { CaptureInput } from '../input/chunked.js';

export interface Lines {
  /** One that is not empty, without its end. */
  onLine(line: string): void;
  /** One that is longer than any of pping's; it is not kept. */
  onOverlong(): void;
}

/** A line of pping has a few hundred bytes, a summary two thousand. */
const LONGEST = 1 << 20;
const NEWLINE = 0x0a;
/** Compressed runs of pping become 10 to 20 times as much; a file of a few MB may be made to become terabytes. */
const MOST_EXPANSION = 100;
const ENOUGH_TO_TELL = 64 << 20;

/** Rejects where the input cannot be read to its end; what came before has been told then. */
export async function readLines(input: CaptureInput, lines: Lines): Promise<void> {
  const buffer = Buffer.allocUnsafe(LONGEST);
  let kept = 0;
  let isOverlong = false;
  let total = 0;
  for (;;) {
    await input.ready();
    const length = input.take(buffer.subarray(kept));
    if (length === 0) break;
    total += length;
    requireModest(total, input.position);
    const end = kept + length;
    const newline = buffer.lastIndexOf(NEWLINE, end - 1);
    if (newline >= 0) {
      tellLines(buffer.toString('utf8', 0, newline), isOverlong, lines);
      isOverlong = false;
    }
    kept = buffer.copy(buffer, 0, newline + 1, end);
    if (kept === buffer.length) {
      isOverlong = true;
      kept = 0;
    }
  }
  tellLines(buffer.toString('utf8', 0, kept), isOverlong, lines);
}

function requireModest(total: number, read: number): void {
  if (total <= ENOUGH_TO_TELL || total <= MOST_EXPANSION * read) return;
  throw new Error(
    `it expands to over ${MOST_EXPANSION} times its size, which no pping run does; the rest was not read`,
  );
}

/** @param isOverlong the first one began long before */
function tellLines(text: string, isOverlong: boolean, lines: Lines): void {
  let start = 0;
  if (isOverlong) {
    lines.onOverlong();
    start = text.indexOf('\n') + 1 || text.length + 1;
  }
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const line = text.slice(start, end);
    if (line.trim() !== '') lines.onLine(line);
    start = end + 1;
  }
}
