/** Processes that live for a moment, and tell a server who they are, as it tells them (tellers.c). */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ending } from '../../../lab/child.js';
import type { Namespace } from '../../../lab/netns.js';
import { until } from '../../../lab/until.js';
import { compileHelper } from '../runner/compile.js';
import type { End } from './callers.js';

/** As a process knows it of itself. */
export interface Self {
  readonly pid: number;
  readonly comm: string;
  readonly cgroup: string;
}

/** A connection, as a server has accepted it. */
export interface Accepted {
  /** Who has opened it, as the server sees it. */
  readonly peer: End;
  readonly own: End;
  readonly caller: Self;
  /** What the caller says that it has connected: from, and to. */
  readonly from: End;
  readonly to: End;
}

/** The same, as who has opened it knows it. */
export interface Called {
  readonly from: End;
  readonly to: End;
  /** Who has answered. */
  readonly server: Self;
  readonly lifetimeUs: number;
}

/** Where processes are. */
export interface Home {
  readonly namespace: Namespace;
  /** What enters their cgroup, of which namespaces know nothing. */
  readonly cgroup: Pick<Namespace, 'command'>;
}

/** How a process connects: manners.h. */
export type Manner =
  | 'plain'
  | 'nowait'
  | 'thread'
  | 'worker'
  | 'again'
  | 'fast'
  | 'mptcp'
  | 'mapped'
  | 'parent';

/** So many processes, one after the other. */
export interface Calls {
  readonly to: End;
  readonly count: number;
  /** What they are called, and a number; 9 characters at most. */
  readonly name: string;
  /** Default: plain. */
  readonly manner?: Manner;
  /** That they connect from, in turn, beginning with the one at `offset`; any by itself. */
  readonly ports?:
    | { readonly first: number; readonly count: number; readonly offset: number }
    | undefined;
}

/** What a server was told; it ends with its namespace. */
export class TellersServer {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];

  constructor(child: ChildProcess) {
    if (!child.stdout) throw new Error('no server');
    createInterface({ input: child.stdout }).on('line', (line) => this.#lines.push(line));
    this.#child = child;
  }

  get pid(): number {
    return this.#child.pid ?? Number.NaN;
  }

  async listening(): Promise<this> {
    await until(() => this.#lines.length > 0, 'a server');
    return this;
  }

  /** Resolves with what was told, in the order in which it was accepted, once it is so many. */
  async accepted(count: number): Promise<Accepted[]> {
    await until(() => this.#lines.length > count, `${count} connections`);
    return this.#lines.slice(1).map(acceptedOf);
  }
}

export class TellersProgram {
  readonly #program: string;

  /** @param program where it is put */
  constructor(program: string) {
    compileHelper('lab/tellers.c', program);
    this.#program = program;
  }

  /** @param forking each connection is answered by another process, and nothing is told of it */
  serve({ namespace, cgroup }: Home, port: number, forking = false): Promise<TellersServer> {
    const argv = [this.#program, 'serve', String(port), ...(forking ? ['forking'] : [])];
    const options = { stdio: ['ignore', 'pipe', 'inherit'] as const };
    const child = namespace.spawn(cgroup.command(argv), { stdio: [...options.stdio] });
    return new TellersServer(child).listening();
  }

  async call({ namespace, cgroup }: Home, calls: Calls): Promise<Called[]> {
    const { to, count, name, manner = 'plain', ports } = calls;
    const own = ports === undefined ? [] : [ports.first, ports.count, ports.offset];
    const args = [to.address, to.port, count, name, manner, ...own].map(String);
    const child = namespace.spawn(cgroup.command([this.#program, 'call', ...args]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    if (!child.stdout) throw new Error('no callers');
    for await (const line of createInterface({ input: child.stdout })) lines.push(line);
    const { code } = await ending(child);
    if (code !== 0) throw new Error(`${name}: after ${lines.length} of ${count} calls: ${code}`);
    return lines.map(calledOf);
  }
}

function acceptedOf(line: string): Accepted {
  const words = line.split(' ');
  const [peer, own, caller] = [endOf(words, 0), endOf(words, 2), selfOf(words, 4)];
  return { peer, own, caller, from: endOf(words, 7), to: endOf(words, 9) };
}

function calledOf(line: string): Called {
  const words = line.split(' ');
  const [from, to, server] = [endOf(words, 0), endOf(words, 2), selfOf(words, 4)];
  return { from, to, server, lifetimeUs: Number(words[7]) };
}

function endOf(words: readonly string[], at: number): End {
  return { address: words[at] ?? '', port: Number(words[at + 1]) };
}

function selfOf(words: readonly string[], at: number): Self {
  const [pid, comm = '', cgroup = ''] = words.slice(at);
  return { pid: Number(pid), comm, cgroup };
}
