// Network namespaces without a name: each lives as long as its holder, a `cat` that reads from a
// pipe of ours. However we end, SIGKILL included, the pipe closes, cat ends, and the namespace
// goes with it. Nothing is left under /run/netns.
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { promisify } from 'node:util';
import { end, hasEnded } from './child.js';
import { building } from './cleanup.js';
import { PATIENCE, until } from './until.js';

export interface Namespace {
  /** Of the holder. For `ip link set DEVICE netns PID` and /proc/PID/ns/net. */
  readonly pid: number;
  /** The argv that runs the given one inside the namespace. */
  command(argv: readonly string[]): string[];
  /** Runs to the end and gives stdout; rejects with what was written to stderr. */
  run(argv: readonly string[]): Promise<string>;
  /** Starts a process, with pipes unless told otherwise, that ends with us or with close(). */
  spawn(argv: readonly string[], options?: MortalOptions): ChildProcess;
  /** Ends what spawn() started and the namespace with everything in it. */
  close(): Promise<void>;
}

export interface MortalOptions extends SpawnOptions {
  /** What ends the process when we die; SIGTERM unless told. What is stopped then ends by SIGKILL alone. */
  readonly deathSignal?: NodeJS.Signals;
}

export function createNamespace(): Promise<Namespace> {
  return building(async (cleanup) => {
    const holder = spawn('unshare', ['--net', 'cat'], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true, // out of reach of Ctrl-C: we decide the order in which things end
    });
    cleanup.add(() => end(holder).then(() => {}));
    const pid = await enteredNamespace(holder);
    const namespace = inside(pid, () => cleanup.run());
    await namespace.run(['ip', 'link', 'set', 'lo', 'up']);
    return namespace;
  });
}

/** Resolves with the pid once the process has left our network namespace for its own. */
export async function enteredNamespace(child: ChildProcess): Promise<number> {
  child.once('error', () => {}); // unshare is missing: reported as "ended", below
  await until(
    () => hasEnded(child) || networkOf(child.pid) !== networkOf('self'),
    'a namespace of its own',
  );
  if (child.pid === undefined || hasEnded(child)) throw new Error('unshare --net failed');
  return child.pid;
}

export function commandIn(pid: number, argv: readonly string[]): string[] {
  return ['nsenter', `--net=/proc/${pid}/ns/net`, ...argv];
}

export async function runIn(pid: number, argv: readonly string[]): Promise<string> {
  const [program, ...rest] = commandIn(pid, argv) as [string, ...string[]];
  try {
    const { stdout } = await promisify(execFile)(program, rest, { timeout: RUN_TIMEOUT_MS });
    return stdout;
  } catch (failure) {
    const stderr = (failure as { stderr?: string }).stderr?.trim();
    throw new Error(`${argv.join(' ')}: ${stderr || String(failure)}`, { cause: failure });
  }
}

/** On a busy machine all takes long: so long takes only what never ends. */
const RUN_TIMEOUT_MS = 120_000 * PATIENCE;

function inside(pid: number, closeHolder: () => Promise<void>): Namespace {
  const children = new Set<ChildProcess>();
  return {
    pid,
    command: (argv) => commandIn(pid, argv),
    run: (argv) => runIn(pid, argv),
    spawn(argv, { deathSignal = 'SIGTERM', ...options } = {}) {
      const child = spawn('setpriv', mortal(commandIn(pid, argv), deathSignal), options);
      children.add(child);
      child.once('exit', () => children.delete(child));
      return child;
    },
    async close() {
      await Promise.all(Array.from(children, (child) => end(child, 'SIGTERM')));
      await closeHolder();
    },
  };
}

/** Has the kernel end the process when we die: not every program watches its stdin. */
function mortal(argv: readonly string[], signal: NodeJS.Signals): string[] {
  return ['--pdeathsig', signal.slice('SIG'.length), ...argv];
}

function networkOf(pid: number | 'self' | undefined): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return networkOf('self'); // gone already: not in a namespace of its own
  }
}
