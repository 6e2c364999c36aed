// Pings, DNS and QUIC of a soak: datagrams/*.c at both ends, steered and asked from here.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Answers } from '../lab/answers.js';
import { serverAddresses } from '../lab/endpoints.js';
import type { Namespace } from '../lab/netns.js';
import { repositoryRoot } from '../lab/places.js';
import { type Ground, writeSettings } from './ground.js';
import { Steered, startSteered } from './steered.js';

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

export class Datagrams extends Steered<DatagramStats> {
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
}

function run(ns: Namespace, args: readonly string[]): ChildProcess {
  return startSteered(ns, [program, ...args]);
}
