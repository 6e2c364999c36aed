import type { ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { ending } from '../child.js';
import type { Namespace } from '../netns.js';
import { pping } from '../places.js';

/** Seconds that pping watches for. */
export const WATCH_S = 15;

/** How long pping may take to print its summary once it should end, and to start and end at all. */
const PATIENCE_MS = 4_000;
const DEADLINE_MS = WATCH_S * 1_000 + 30_000;

export interface Monitor {
  /** Aborted when pping has ended, or when the user wants an end. */
  readonly running: AbortSignal;
  /** pping's exit code. */
  readonly code: Promise<number>;
}

export function checkMonitor(): void {
  try {
    accessSync(pping, constants.X_OK);
  } catch {
    throw new Error(`${pping} is missing: run make`);
  }
}

/** The real pping inside the namespace, with our own terminal for its output. */
export function startMonitor(
  ns: Namespace,
  interfaceName: string,
  interrupted: AbortSignal,
): Monitor {
  const argv = [pping, '-i', interfaceName, '--rate', '100ms', '-s', String(WATCH_S)];
  // Not detached: Ctrl-C at the terminal reaches it as if it had been started by hand.
  const child = ns.spawn(argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = new AbortController();
  return {
    running: AbortSignal.any([interrupted, ended.signal]),
    code: exitCode(child, interrupted).finally(() => ended.abort()),
  };
}

async function exitCode(child: ChildProcess, interrupted: AbortSignal): Promise<number> {
  const timers = [killAfter(child, DEADLINE_MS)];
  interrupted.addEventListener('abort', () => {
    // At Ctrl-C pping has its own SIGINT: one more signal could cut its summary short.
    if (interrupted.reason !== 'SIGINT') child.kill('SIGTERM');
    timers.push(killAfter(child, PATIENCE_MS));
  });
  const { code, signal } = await ending(child);
  for (const timer of timers) clearTimeout(timer);
  if (code === null) process.stderr.write(`demo: pping was ended by ${signal}\n`);
  return code ?? 1;
}

function killAfter(child: ChildProcess, ms: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), ms);
}
