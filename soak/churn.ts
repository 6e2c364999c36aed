// The connections of a soak: churn/*.c at both ends, steered and asked from here.
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { Answers } from '../lab/answers.js';
import { serverAddresses } from '../lab/endpoints.js';
import type { Namespace } from '../lab/netns.js';
import { repositoryRoot } from '../lab/places.js';
import { until } from '../lab/until.js';
import { type Ground, NOBODY } from './ground.js';
import type { OwnerLedger } from './owner-ledger.js';
import { Steered, startSteered } from './steered.js';

export const churnProgram = join(repositoryRoot, 'dist/soak/churn');

/** Since the start, in connections. */
export interface ChurnStats {
  readonly opened: number;
  /** Not opened, since too many were open. */
  readonly skipped: number;
  /** Did not end as they should have. */
  readonly failed: number;
  readonly answers: number;
  /** Open now. */
  readonly alive: number;
  readonly long_lived: number;
  /** Of the long-lived: those that failed. */
  readonly long_lost: number;
  /** By how they ended, as they should have. */
  readonly ended: Readonly<Record<string, number>>;
}

export class Churn extends Steered<ChurnStats> {
  /** Resolves when all long-lived connections are open. The processes end with their namespaces. */
  static async start(
    ground: Ground,
    seed: number,
    longLived: number,
    owners?: OwnerLedger,
  ): Promise<Churn> {
    const addresses = [serverAddresses.ipv4, serverAddresses.ipv6];
    const server = run(ground.server, ['server', PORT, ...addresses]);
    await new Answers(server, 'the churn server').next();
    const some = [PORT, String(seed), String(longLived), NOBODY, ...addresses];
    const client = run(ground.client, ['client', ...some]);
    owners?.expect(client.pid);
    const answers = new Answers(client, 'the churn client');
    await answers.next();
    const churn = new Churn(client, server, answers);
    const areOpen = async () => (await churn.stats()).long_lived === longLived;
    await until(areOpen, `${longLived} long-lived connections`);
    return churn;
  }
}

/** The first of those that are listened on. */
export const PORT = '5000';

function run(ns: Namespace, args: readonly string[]): ChildProcess {
  return startSteered(ns, [churnProgram, ...args]);
}
