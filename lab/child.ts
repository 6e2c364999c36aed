// Child processes of the lab: how they end, and how they are made to.
import type { ChildProcess } from 'node:child_process';
import { PATIENCE } from './until.js';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves when the process has ended, or could not be started. Never rejects. */
export function ending(child: ChildProcess): Promise<Ending> {
  if (hasEnded(child)) return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: child.exitCode, signal: child.signalCode }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** Asks the process to end by closing its stdin, or with a signal; kills it if it does not. */
export async function end(child: ChildProcess, signal?: NodeJS.Signals): Promise<Ending> {
  const ended = ending(child);
  child.stdin?.on('error', () => {}).end();
  if (signal !== undefined && !hasEnded(child)) child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
  try {
    return await ended;
  } finally {
    clearTimeout(timer);
  }
}

/** A busy machine may not let it run for seconds: so long takes only what hangs. */
const GRACE_MS = 20_000 * PATIENCE;
