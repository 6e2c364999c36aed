/** A document of recipes: headings, and below each commands with what they print. */

export interface Command {
  /** As a shell takes it, all of its lines. */
  readonly text: string;
  /** What the document says comes out; '...' stands for lines left out. */
  readonly shown: readonly string[];
}

export interface Recipe {
  readonly title: string;
  readonly commands: readonly Command[];
}

const INDENT = '    ';

/** Blocks are indented by four; in them a command begins with `$ `, and goes on in lines indented once more. */
export function readRecipes(markdown: string): Recipe[] {
  const [, ...sections] = markdown.split(/^## /m);
  return sections.map((section) => {
    const [title = '', ...lines] = section.split('\n');
    const block = lines.filter((line) => line.startsWith(INDENT));
    return { title, commands: readCommands(block.map((line) => line.slice(INDENT.length))) };
  });
}

/**
 * A line without what differs from run to run: numbers (but p99 is a name), bars, widths of columns, and
 * which answers tell the path.
 */
export function shapeOf(line: string): string {
  return (
    line
      .replace(/(?<![a-z])[\d.]+/g, '0')
      .replace(/ \((ACKs and handshakes|answers with data), 0 of 0\)$/, '')
      // Of few bytes there is no share.
      .replace(/(?<=\s)-(?=\s|$)/g, '0%')
      .replace(/[▀-▟][▀-▟\s]*/g, '█ ')
      .replace(/\s+/g, ' ')
      .trim()
  );
}

function readCommands(lines: readonly string[]): Command[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('$ ') ? [index] : []));
  if (starts[0] !== 0) throw new Error(`not below a command: ${lines[0]}`);
  return starts.map((start, index) => {
    const [first = '', ...rest] = lines.slice(start, starts[index + 1]);
    const isShown = rest.findIndex((line) => !line.startsWith(INDENT));
    const end = isShown < 0 ? rest.length : isShown;
    const text = [first.slice(2), ...rest.slice(0, end)].join('\n');
    return { text, shown: rest.slice(end).filter((line) => line !== '...') };
  });
}
