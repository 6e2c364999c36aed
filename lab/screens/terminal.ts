// A terminal of 80x24 beside the client of a path.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabPath } from '../path.js';
import { repositoryRoot } from '../places.js';
import { until } from '../until.js';

const PROMPT = '$';
/** The screen, and what has scrolled off it. */
const CLEAR = "clear; printf '\\e[3J'";
/** Of the live view: by then its figures are of the queue alone. */
const LIVE_MS = 12_000;
const KEY_MS = 1_500;

/** A shell in tmux. */
export class Terminal {
  readonly #socket = `pping-screens-${process.pid}`;

  static async open({ client }: LabPath): Promise<Terminal> {
    const terminal = new Terminal();
    const bin = join(repositoryRoot, 'bin');
    const shell = `exec env PS1='${PROMPT} ' LC_ALL=C.UTF-8 PATH=${bin}:$PATH bash --norc --noprofile`;
    const session = ['-f', '/dev/null', 'new-session', '-d', '-x', '80', '-y', '24', shell];
    const argv = client.command(['tmux', '-u', '-L', terminal.#socket, ...session]);
    execFileSync(argv[0] as string, argv.slice(1));
    await until(() => terminal.#isAtPrompt(), 'a shell');
    return terminal;
  }

  /**
   * What the command has shown once it has ended, including what has scrolled away, without wrapping
   * lines; with --live, the screen after a while and the keys.
   */
  async take(command: string, keys: readonly string[] = []): Promise<string[]> {
    const isLive = command.includes('--live');
    this.#tmux('send-keys', '-l', `${CLEAR}; ${command}`);
    this.#tmux('send-keys', 'Enter');
    await sleep(isLive ? LIVE_MS : KEY_MS);
    if (!isLive) await until(() => this.#isAtPrompt(), command);
    for (const key of keys) {
      this.#tmux('send-keys', key);
      await sleep(KEY_MS);
    }
    if (!isLive) return [`${PROMPT} ${command}`, ...this.#lines('-J', '-S', '-').slice(0, -1)];
    const lines = this.#lines();
    await this.#quit();
    return lines;
  }

  close(): void {
    this.#tmux('kill-server');
  }

  async #quit(): Promise<void> {
    // Out of the help, and then out of the view.
    this.#tmux('send-keys', 'Escape');
    await sleep(KEY_MS);
    this.#tmux('send-keys', 'q');
    await until(() => this.#isAtPrompt(), 'the end of the live view');
  }

  #isAtPrompt(): boolean {
    return this.#lines().at(-1) === PROMPT;
  }

  #lines(...options: readonly string[]): string[] {
    return this.#tmux('capture-pane', '-p', ...options)
      .trimEnd()
      .split('\n');
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }
}
