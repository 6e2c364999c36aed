/** A process in another network namespace that is told when interfaces change there, and lists them then. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { end } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { PATIENCE } from '../../../lab/until.js';
import type { Link } from '../../../src/libbpf/links.js';
import { builtPath, script } from './script.js';

/** What came of a wait. */
export interface Waited {
  readonly hasChanged: boolean;
  /** As they were after it. */
  readonly links: readonly Pick<Link, 'index' | 'name' | 'isUp'>[];
}

const CODE = `
  import { createInterface } from 'node:readline';
  import { LinkEvents } from ${builtPath('link-events.js')};
  import { listLinks } from ${builtPath('links.js')};
  const say = (what) => process.stdout.write(JSON.stringify(what) + '\\n');
  const events = new LinkEvents();
  say('ready');
  for await (const timeoutMs of createInterface({ input: process.stdin })) {
    const hasChanged = await events.wait(Number(timeoutMs));
    say({ hasChanged, links: listLinks().map(({ index, name, isUp }) => ({ index, name, isUp })) });
  }
  events.close();
`;

export class LinkWatch {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    if (!process.stdout) throw new Error('the watch has not started');
    this.#process = process;
    this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  static async start(namespace: Namespace): Promise<LinkWatch> {
    const child = namespace.spawn(script(CODE), { stdio: ['pipe', 'pipe', 'inherit'] });
    const watch = new LinkWatch(child);
    await watch.#answer();
    return watch;
  }

  async wait(timeoutMs: number): Promise<Waited> {
    this.#process.stdin?.write(`${timeoutMs}\n`);
    return (await this.#answer()) as Waited;
  }

  /** Resolves once nothing changes any more. @returns how often something had changed until then */
  async quiet(): Promise<number> {
    for (let changes = 0; ; changes++) {
      if (!(await this.wait(QUIET_MS)).hasChanged) return changes;
    }
  }

  /** @returns the exit code */
  async close(): Promise<number | null> {
    return (await end(this.#process)).code;
  }

  async #answer(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error('the watch has ended');
    return JSON.parse(value);
  }
}

const QUIET_MS = 300 * PATIENCE;
