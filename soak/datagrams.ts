// Pings, DNS and QUIC of a soak: datagrams/*.c at both ends, steered and asked from here.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Answers } from '../lab/answers.js';
import { serverAddresses } from '../lab/endpoints.js';
import { repositoryRoot } from '../lab/places.js';
import { type Ground, writeSettings } from './ground.js';

const program = join(repositoryRoot, 'dist/soak/datagrams');

/** As in datagrams.h: no answer takes less, in ns. */
export const DELAY_NS = 5_000_000;
/** Where no end reflects the spin bit. */
export const NO_SPIN_PORT = 4433;

/** Since the start. */
export interface ExchangeStats {
  /** Requests, queries, or turns of QUIC. */
  readonly asked: number;
  readonly answered: number;
  /** Answers beyond the first, and what was sent again. */
  readonly again: number;
  readonly given_up: number;
  /** In ns, from before a question was sent until after its answer was read; of those answered. */
  readonly longest: number;
}

export type Kind = 'icmp' | 'dns' | 'quic';

export interface DatagramStats {
  readonly under_way: number;
  /** Not begun, since too much was under way. */
  readonly skipped: number;
  readonly kinds: Readonly<Record<Kind, ExchangeStats>>;
}

export class Datagrams {
  readonly #client: ChildProcess;
  readonly #server: ChildProcess;
  readonly #answers: Answers;

  private constructor(client: ChildProcess, server: ChildProcess, answers: Answers) {
    this.#client = client;
    this.#server = server;
    this.#answers = answers;
  }

  /** The processes end with their namespaces. */
  static async start(ground: Ground, seed: number): Promise<Datagrams> {
    // Pings are answered by the program, which takes its time.
    await writeSettings(ground.server, {
      'net/ipv4/icmp_echo_ignore_all': '1',
      'net/ipv6/icmp/echo_ignore_all': '1',
    });
    const server = run(ground.server, ['server']);
    await new Answers(server, "the datagrams' server").next();
    const addresses = [serverAddresses.ipv4, serverAddresses.ipv6];
    const client = run(ground.client, ['client', String(seed), ...addresses]);
    const answers = new Answers(client, "the datagrams' client");
    await answers.next();
    return new Datagrams(client, server, answers);
  }

  /** @param rate exchanges to begin per second from now on */
  setRate(rate: number): void {
    this.#client.stdin?.write(`rate ${Math.round(rate)}\n`);
  }

  stats(): Promise<DatagramStats> {
    this.#client.stdin?.write('stats\n');
    return this.#answers.next().then((line) => JSON.parse(line) as DatagramStats);
  }

  /** The process that asks. */
  get clientPid(): number {
    return this.#client.pid ?? Number.NaN;
  }

  /** Of both ends. */
  get pids(): number[] {
    return [this.#client, this.#server].flatMap(({ pid }) => pid ?? []);
  }
}

function run(ns: Ground['client'], args: readonly string[]): ChildProcess {
  return ns.spawn([program, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true, // out of reach of Ctrl-C
    deathSignal: 'SIGKILL',
  });
}
