/** Lines of coloured pieces that are cut to a width before they are coloured. */
import type { ChalkInstance } from 'chalk';

export type Style = 'plain' | 'dim' | 'bold' | 'inverse' | 'green' | 'yellow' | 'red';
export type Span = readonly [text: string, style?: Style];

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

/** Cut in the middle: both ends of an address tell something. */
export function shortened(text: string, width: number): string {
  if (text.length <= width) return text.padEnd(width);
  const tail = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}
