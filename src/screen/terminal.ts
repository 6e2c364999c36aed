/** The terminal, taken over and given back. */
import { emitKeypressEvents } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import ansi from 'ansi-escapes';
import type { Key } from './state.js';
import type { Size } from './view.js';

/** Where the size is not known. */
const USUAL: Size = { columns: 80, rows: 24 };

export interface TerminalEvents {
  onKey(key: Key): void;
  onResize(): void;
  /** It went away: nobody sees any more. May be called more than once. */
  onGone(): void;
}

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #events: TerminalEvents;
  readonly #undo: (() => void)[] = [];
  /** What is on the screen. */
  #lines: readonly string[] = [];

  /** Takes the screen. Both streams have to be terminals. */
  constructor(input: ReadStream, output: WriteStream, events: TerminalEvents) {
    this.#input = input;
    this.#output = output;
    this.#events = events;
    this.#watchEnd();
    this.#takeScreen();
    this.#takeKeys();
    // Whatever ends the process, but for SIGKILL.
    const close = () => this.close();
    process.once('exit', close);
    this.#undo.push(() => process.off('exit', close));
  }

  get size(): Size {
    const { columns, rows } = this.#output;
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL;
  }

  /**
   * Only what has changed is written; nothing, while the terminal is still busy with the last picture.
   * A line is erased before it is written: behind a full one the cursor is still on its last character.
   * A terminal that can shows all of it at once; others ignore the mark.
   */
  draw(lines: readonly string[]): void {
    if (this.#output.writableNeedDrain) return;
    const changed = lines.map((line, row) =>
      line === this.#lines[row] ? '' : `${ansi.cursorTo(0, row)}${ansi.eraseEndLine}${line}`,
    );
    this.#lines = lines;
    const text = changed.join('');
    if (text !== '') this.#output.write(ansi.synchronizedOutput(text));
  }

  /** Gives back what was taken. May be called twice. */
  close(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }

  /** For good: what is given back to a terminal that has gone fails, too. */
  #watchEnd(): void {
    const gone = () => this.#events.onGone();
    this.#input.on('error', gone).on('end', gone);
    this.#output.on('error', gone);
  }

  #takeScreen(): void {
    this.#output.write(ansi.enterAlternativeScreen + ansi.cursorHide + ansi.clearViewport);
    this.#undo.push(() => this.#output.write(ansi.cursorShow + ansi.exitAlternativeScreen));
    const resize = () => {
      this.#lines = [];
      this.#output.write(ansi.clearViewport);
      this.#events.onResize();
    };
    this.#output.on('resize', resize);
    this.#undo.push(() => this.#output.off('resize', resize));
  }

  #takeKeys(): void {
    const press = (_: string | undefined, key: Key) => this.#events.onKey(key);
    emitKeypressEvents(this.#input);
    this.#input.setRawMode(true);
    this.#input.on('keypress', press).resume();
    this.#undo.push(() => {
      this.#input.off('keypress', press).pause();
      this.#input.setRawMode(false);
    });
  }
}
