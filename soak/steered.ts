// Two programs at both ends of a soak (steered/*.c), steered and asked from here.
import type { ChildProcess } from 'node:child_process';
import type { Answers } from '../lab/answers.js';
import type { Namespace } from '../lab/netns.js';

/** What the client counts, since the start. */
export class Steered<Stats> {
  readonly #client: ChildProcess;
  readonly #server: ChildProcess;
  readonly #answers: Answers;

  /** @param answers of the client, which has said that it is ready */
  constructor(client: ChildProcess, server: ChildProcess, answers: Answers) {
    this.#client = client;
    this.#server = server;
    this.#answers = answers;
  }

  /** @param rate of what the client begins, per second from now on */
  setRate(rate: number): void {
    this.#client.stdin?.write(`rate ${Math.round(rate)}\n`);
  }

  stats(): Promise<Stats> {
    this.#client.stdin?.write('stats\n');
    return this.#answers.next().then((line) => JSON.parse(line) as Stats);
  }

  /** The process that begins. */
  get clientPid(): number {
    return this.#client.pid ?? Number.NaN;
  }

  /** Of both ends. */
  get pids(): number[] {
    return [this.#client, this.#server].flatMap(({ pid }) => pid ?? []);
  }

  /** Nothing is sent any more, except by the kernels. */
  freeze(): void {
    for (const child of [this.#client, this.#server]) child.kill('SIGSTOP');
  }

  thaw(): void {
    for (const child of [this.#client, this.#server]) child.kill('SIGCONT');
  }
}

/** It ends with its network namespace. */
export function startSteered(ns: Namespace, command: readonly string[]): ChildProcess {
  return ns.spawn(command, {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // out of reach of Ctrl-C
    deathSignal: 'SIGKILL', // it may be frozen when we die
  });
}
