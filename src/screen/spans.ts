/** Lines of coloured pieces that are cut to a width before they are coloured. */
import type { ChalkInstance } from 'chalk';

export type Style = 'plain' | 'dim' | 'bold' | 'inverse' | 'green' | 'yellow' | 'red';
export type Span = readonly [text: string, style?: Style];

/** Pieces that are not to be divided; each paragraph begins on a line of its own. */
export interface Paragraph {
  readonly pieces: readonly (readonly Span[])[];
  /** How far its further lines are indented, in columns. */
  readonly indent?: number;
}

const BETWEEN = '  ';

/** Pieces that stay whole, one after the other, in as many lines as they need at this width. */
export function flowed({ pieces, indent = 0 }: Paragraph, width: number): Span[][] {
  const lines: Span[][] = [];
  let used = 0;
  for (const piece of pieces) {
    const length = lengthOf(piece);
    const line = lines.at(-1);
    if (line && used + BETWEEN.length + length <= width) {
      line.push([BETWEEN], ...piece);
      used += BETWEEN.length + length;
    } else {
      const before = line && indent > 0 ? [[' '.repeat(indent)] as const] : [];
      lines.push([...before, ...piece]);
      used = lengthOf(before) + length;
    }
  }
  return lines;
}

/** A text in as many lines as it needs: between words, as far as these fit. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, [text]) => sum + text.length, 0);
}

/** One line of at most `width` columns. All texts are of characters one column wide. */
export function lineOf(spans: readonly Span[], width: number, paint: ChalkInstance): string {
  let left = width;
  let line = '';
  for (const [text, style = 'plain'] of spans) {
    const part = text.slice(0, left);
    left -= part.length;
    line += style === 'plain' ? part : paint[style](part);
  }
  return line;
}
