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
