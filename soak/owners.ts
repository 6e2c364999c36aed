// Processes with one connection each, in cgroups that come and go: what a monitor that tells owners has to keep up with.
import { mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ending } from '../lab/child.js';
import { serverAddresses } from '../lab/endpoints.js';
import { findCgroupMount, isWhole } from '../src/owners/cgroup-mount.js';
import { churnProgram, PORT } from './churn.js';
import type { Ground } from './ground.js';
import { BRIEF_ADDRESS, OwnerLedger } from './owner-ledger.js';

const PROCESSES = '10';
const PAUSE_MS = 250;
/** From within, since a process is there before it is another program. */
const ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

export class Owners {
  readonly ledger = new OwnerLedger();
  readonly #ground: Ground;
  readonly #directory: string;
  #made = 0;
  #isWanted = false;
  #running: Promise<void> = Promise.resolve();

  private constructor(ground: Ground, directory: string) {
    this.#ground = ground;
    this.#directory = directory;
  }

  /** Throws an Error where cgroups cannot be made. */
  static async prepare(ground: Ground): Promise<Owners> {
    const mount = findCgroupMount();
    if (!mount || !isWhole(mount)) throw new Error('a soak with owners needs all of cgroup2');
    const { client, interfaceName } = ground;
    await client.run(['ip', 'addr', 'add', `${BRIEF_ADDRESS}/24`, 'dev', interfaceName]);
    return new Owners(ground, join(mount.point, `pping-soak-${process.pid}`));
  }

  /** One cgroup after the other, until stop(). */
  start(): void {
    mkdirSync(this.#directory);
    this.#isWanted = true;
    this.#running = this.#run();
  }

  /** Resolves when all of it is gone. */
  async stop(): Promise<void> {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    await this.#running;
    rmdirSync(this.#directory);
  }

  async #run(): Promise<void> {
    while (this.#isWanted) await this.#runOne(`brief-${++this.#made}`);
  }

  /** @param name of the cgroup, and of the processes */
  async #runOne(name: string): Promise<void> {
    const directory = join(this.#directory, name);
    const brief = [churnProgram, 'brief', PORT, BRIEF_ADDRESS, serverAddresses.ipv4, name];
    mkdirSync(directory);
    const argv = ['sh', '-c', ENTER, directory, ...brief, PROCESSES];
    await ending(this.#ground.client.spawn(argv, { stdio: ['ignore', 'ignore', 'inherit'] }));
    await sleep(PAUSE_MS);
    rmdirSync(directory);
  }
}
