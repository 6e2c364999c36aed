/** A real terminal for what needs one: a shell in tmux, of which only that shell is ours to end. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach } from '@jest/globals';
import { until } from '../../../lab/until.js';

/** What a program is run through, as Namespace.command(). */
type Through = (argv: readonly string[]) => readonly string[];

const DEADLINE_MS = 60_000;
const PROMPT = 'ready>';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class Tmux {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async open({ columns, rows }: Size, through: Through = (argv) => argv): Promise<Tmux> {
    const tmux = new Tmux(`pping-test-${process.pid}-${Tmux.#opened++}`);
    const shell = `exec env PS1='${PROMPT} ' LC_ALL=C.UTF-8 bash --norc --noprofile`;
    const size = ['-x', String(columns), '-y', String(rows)];
    const session = ['new-session', '-d', ...size, shell];
    await run([...through(['tmux', '-u', '-L', tmux.#socket, '-f', '/dev/null', ...session])]);
    await tmux.shows(PROMPT);
    return tmux;
  }

  static #opened = 0;

  /** The visible lines, without spaces at their ends. */
  async screen(): Promise<string[]> {
    const text = await this.#do('capture-pane', '-p');
    return text.replace(/\n$/, '').split('\n');
  }

  /** The same with the control sequences of colours. */
  colors(): Promise<string> {
    return this.#do('capture-pane', '-p', '-e');
  }

  /** A tmux format, such as cursor_flag. */
  async state(name: string): Promise<string> {
    return (await this.#do('display-message', '-p', `#{${name}}`)).trim();
  }

  /** Keys by tmux's names. */
  async press(...keys: readonly string[]): Promise<void> {
    await this.#do('send-keys', ...keys);
  }

  /** Types a line, and Enter. */
  async type(line: string): Promise<void> {
    await this.#do('send-keys', '-l', line);
    await this.press('Enter');
  }

  /** Writes all that programs write from now on to a file: what is over before anybody looks is seen there. */
  async record(file: string): Promise<void> {
    await this.#do('pipe-pane', `cat >> '${file}'`);
  }

  async resize({ columns, rows }: Size): Promise<void> {
    await this.#do('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** Resolves with the screen once it is as wanted. */
  async shows(
    wanted: string | RegExp | ((lines: readonly string[]) => boolean),
  ): Promise<string[]> {
    return this.#waitFor(`the screen to show ${wanted}`, (lines) => {
      if (typeof wanted === 'function') return wanted(lines);
      const text = lines.join('\n');
      return typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
    });
  }

  /**
   * Resolves with the screen once it meets all of these expectations at once. Needed for more than
   * one line of a picture that is drawn anew: half of it may still be of the picture before.
   *
   * @param meanwhile is done before each look at it
   */
  async meets(
    expectations: (lines: readonly string[]) => void,
    meanwhile?: () => Promise<void>,
  ): Promise<string[]> {
    let unmet: unknown;
    const areMet = (lines: readonly string[]) => {
      try {
        expectations(lines);
        return true;
      } catch (error) {
        unmet = error;
        return false;
      }
    };
    return this.#waitFor('the screen to be as expected', areMet, meanwhile).catch((error) => {
      throw new Error(`${(error as Error).message}\n${(unmet as Error | undefined)?.message}`);
    });
  }

  /** Resolves once the shell waits for a command again, and what is typed is seen. */
  async isBack(): Promise<void> {
    await this.shows((lines) => lines.findLast((line) => line !== '')?.trim() === PROMPT);
    await this.type('echo back-$((40 + 2))');
    await this.shows((lines) => {
      const at = lines.lastIndexOf('back-42');
      return at > 0 && (lines[at - 1]?.includes('echo back-$((40 + 2))') ?? false);
    });
  }

  async close(): Promise<void> {
    await this.#do('kill-server').catch(() => {});
  }

  async #waitFor(
    what: string,
    isSo: (lines: readonly string[]) => boolean,
    meanwhile?: () => Promise<void>,
  ): Promise<string[]> {
    let lines: string[] = [];
    const isShown = async () => {
      await meanwhile?.();
      lines = await this.screen();
      return isSo(lines);
    };
    try {
      await until(isShown, what, DEADLINE_MS);
    } catch (error) {
      throw new Error(`${(error as Error).message}; it shows:\n${lines.join('\n')}`);
    }
    return lines;
  }

  #do(...args: readonly string[]): Promise<string> {
    return run(['tmux', '-L', this.#socket, ...args]);
  }
}

async function run([program = '', ...args]: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { timeout: DEADLINE_MS })).stdout;
}

/** Those lines of a screen. */
export function rowsOf(lines: readonly string[], row: RegExp): string[] {
  return lines.filter((line) => row.test(line));
}

/** @returns what opens one; it ends with the test */
export function useTmux(): (size: Size, through?: Through) => Promise<Tmux> {
  const opened: Tmux[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((tmux) => tmux.close()));
  });
  return async (size, through) => {
    const tmux = await Tmux.open(size, through);
    opened.push(tmux);
    return tmux;
  };
}
