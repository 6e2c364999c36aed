/** What a recipe has people type, step by step, and whether what comes is what the document shows. */
import { expect } from '@jest/globals';
import type { Namespace } from '../../../lab/netns.js';
import { type Cli, type Ended, linesOf } from '../command/cli.js';
import { type Command, shapeOf } from './recipes.js';

const ATTEMPTS = 10;

/** What runs a command. */
export interface Shell {
  run(place: Namespace, command: string): Cli;
  /** In a terminal. @returns the screen, once it shows the lines */
  lookAt(place: Namespace, command: string, lines: readonly string[]): Promise<string[]>;
}

/** The commands of one recipe, one after the other. */
export class Steps {
  readonly #commands: readonly Command[];
  readonly #outputs: string[][] = [];
  readonly #shell: Shell;
  #place: Namespace;

  constructor(commands: readonly Command[], shell: Shell, place: Namespace) {
    this.#commands = commands;
    this.#shell = shell;
    this.#place = place;
  }

  /** From now on commands are run there. */
  goTo(place: Namespace): void {
    this.#place = place;
  }

  get neverRun(): string[] {
    return this.#commands.slice(this.#outputs.length).map(({ text }) => text);
  }

  /** What the document shows, and no run of its command has printed. */
  get neverSeen(): string[] {
    return this.#commands.flatMap(({ shown }, index) => {
      const shapes = new Set(this.#outputs[index]?.map(shapeOf));
      return shown.filter((line) => !shapes.has(shapeOf(line)));
    });
  }

  /** Runs the next command to its end. */
  async next(code = 0): Promise<Ended> {
    return this.ended(this.start(), code);
  }

  /** Runs the same command once more. */
  async again(code = 0): Promise<Ended> {
    return this.ended(this.#run(this.#command(this.#outputs.length - 1).text), code);
  }

  /** The same until it ends with 0: a machine that stalls makes a quick path slow for a while. */
  async againWhenCalm(): Promise<Ended> {
    const { text } = this.#command(this.#outputs.length - 1);
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      const cli = this.#run(text);
      if ((await cli.ended).code === 0) return this.ended(cli);
    }
    return this.again();
  }

  /** The next command, to be given to ended(). */
  start(): Cli {
    return this.#run(this.#command(this.#outputs.push([]) - 1).text);
  }

  async ended(cli: Cli, code = 0): Promise<Ended> {
    const ended = await cli.ended;
    expect(ended).toMatchObject({ code });
    this.#outputs.at(-1)?.push(...linesOf(ended.stdout), ...linesOf(ended.stderr));
    return ended;
  }

  /** The next command in a terminal, until it shows what the document says; then it is left with q. */
  async nextOnScreen(): Promise<void> {
    const { text, shown } = this.#command(this.#outputs.length);
    this.#outputs.push(await this.#shell.lookAt(this.#place, text, shown));
  }

  #run(command: string): Cli {
    return this.#shell.run(this.#place, command);
  }

  #command(index: number): Command {
    const command = this.#commands[index];
    if (!command) throw new Error('no such command in the document');
    return command;
  }
}
