/** A command that is signalled while it starts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { afterEach } from '@jest/globals';
import { end, hasEnded } from '../../../lab/child.js';
import { pping } from '../../../lab/places.js';
import { PATIENCE, until } from '../../../lab/until.js';

/** Starting takes seconds on a loaded machine. */
const DEADLINE_MS = 20_000 * PATIENCE;
/** st of a socket that listens, in /proc/<pid>/net/tcp. */
const LISTENING = '0A';
/** More than a pipe holds, or a socket. */
const MUCH = 1 << 20;

/** @returns what starts such a command; what has not ended then is killed after each test */
export function useStarted(): (args: readonly string[]) => Started {
  const all: Started[] = [];
  afterEach(async () => {
    await Promise.all(all.splice(0).map(({ child }) => end(child, 'SIGKILL')));
  });
  return (args) => {
    const one = new Started(args);
    all.push(one);
    return one;
  };
}

export class Started {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[]) {
    this.child = spawn(pping, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** Resolves once it has a handler for it: until then the signal ends the process, as any. Looks without a pause. */
  async catches(signal: 'SIGUSR1' | 'SIGHUP'): Promise<void> {
    const bit = 1n << BigInt(constants.signals[signal] - 1);
    const deadline = performance.now() + DEADLINE_MS;
    while (!hasEnded(this.child) && (this.#caught() & bit) === 0n) {
      if (performance.now() > deadline) throw new Error(`no handler for ${signal}`);
      await new Promise(setImmediate);
    }
  }

  /** @param moments in ms from now, ascending. @returns how many were sent */
  async signalAt(moments: readonly number[]): Promise<number> {
    const began = performance.now();
    let sent = 0;
    for (const moment of moments) {
      while (performance.now() - began < moment) await new Promise(setImmediate);
      if (this.child.kill('SIGUSR1')) sent++;
    }
    return sent;
  }

  async printed(part: string): Promise<void> {
    await until(() => this.stdout.includes(part) || hasEnded(this.child), part, 60_000);
    if (!this.stdout.includes(part)) throw new Error(`ended too early: ${this.stderr}`);
  }

  async said(beginning: string): Promise<void> {
    const isSaid = () => this.stderr.split('\n').some((line) => line.startsWith(beginning));
    await until(() => isSaid() || hasEnded(this.child), beginning, 60_000);
    if (!isSaid()) throw new Error(`ended too early: ${this.stderr}`);
  }

  /** Resolves once it has begun to read. */
  reads(): Promise<void> {
    return new Promise((resolve) => {
      this.child.stdin?.write('\n'.repeat(MUCH), () => resolve());
    });
  }

  /** What of this process waits for connections. */
  listeners(): string[] {
    const folder = `/proc/${this.child.pid}`;
    const sockets = new Set(
      readdirSync(`${folder}/fd`).map((fd) => readlinkOf(`${folder}/fd/${fd}`)),
    );
    return ['tcp', 'tcp6']
      .flatMap((name) => readFileSync(`${folder}/net/${name}`, 'utf8').split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTENING && sockets.has(`socket:[${fields[9]}]`))
      .map(([, local = '']) => local);
  }

  /** The mask in /proc/<pid>/status. */
  #caught(): bigint {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      return BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
    } catch {
      return 0n; // it is ending
    }
  }
}

function readlinkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
