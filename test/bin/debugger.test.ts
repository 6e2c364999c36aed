/** SIGUSR1 opens Node's debugger, to whoever is on the machine, unless the program has a handler: pping never lets it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { end, hasEnded } from '../../lab/child.js';
import { pping } from '../../lab/places.js';
import { until } from '../../lab/until.js';
import { conversation } from '../helpers/core/replayed.js';
import { pcap } from '../helpers/packets/captures.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

/** Each starts a process, which takes seconds on a loaded machine. */
jest.setTimeout(300_000);

const STARTS = 10;
const SIGNALS_A_START = 20;
/** In the mask of /proc/<pid>/status. */
const SIGUSR1 = 1n << 9n;
/** st of a socket that listens, in /proc/<pid>/net/tcp. */
const LISTENING = '0A';
/** More than a pipe holds, or a socket. */
const MUCH = 1 << 20;

describe('SIGUSR1', () => {
  const inFolder = useTemporaryFolder();
  const started: Started[] = [];

  afterEach(async () => {
    await Promise.all(started.splice(0).map(({ child }) => end(child, 'SIGKILL')));
  });

  function start(args: readonly string[]): Started {
    const one = new Started(args);
    started.push(one);
    return one;
  }

  /** It goes on as long as its input does. */
  function startReplay(): Started {
    const replay = start(['-r', '-']);
    replay.child.stdin?.write(pcap(conversation(1), { nanoseconds: true }));
    return replay;
  }

  test('from when Node begins to catch it, 200 times up to the first line: no debugger', async () => {
    const span = await spanOfStart(startReplay());
    let sent = 0;
    for (let at = 0; at < STARTS; at++) {
      const replay = startReplay();
      await replay.catches();
      const moments = Array.from(
        { length: SIGNALS_A_START },
        (_, turn) => ((at + turn * STARTS) * span) / (STARTS * SIGNALS_A_START),
      );
      sent += await replay.signalAt(moments);
      await replay.said('replaying ');
      expect(replay.listeners()).toEqual([]);
      expect(await end(replay.child)).toEqual({ code: 0, signal: null });
      expect(replay.stderr).not.toContain('Debugger');
    }
    expect(sent).toBe(STARTS * SIGNALS_A_START);
  });

  test('prints the summary of a replay', async () => {
    const replay = startReplay();
    await replay.printed(' ms  TCP ');
    replay.child.kill('SIGUSR1');
    await replay.said('1 sample of 1 flow');
    expect(replay.listeners()).toEqual([]);
  });

  test('does nothing to a command that has no summary', async () => {
    const report = start(['report', '-', '-o', inFolder('page.html')]);
    await report.reads();
    report.child.kill('SIGUSR1');
    const ended = await end(report.child);
    expect({ ...ended, stderr: report.stderr }).toEqual({
      code: 2,
      signal: null,
      stderr: 'pping: standard input is empty\n',
    });
  });
});

/** From when Node catches the signal until pping has begun, in ms. */
async function spanOfStart(replay: Started): Promise<number> {
  await replay.catches();
  const caught = performance.now();
  await replay.said('replaying ');
  return performance.now() - caught;
}

class Started {
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

  /** Resolves once Node's handler is there: until then the signal ends the process, as any. Looks without a pause. */
  async catches(): Promise<void> {
    while (!hasEnded(this.child) && !this.#isCaught()) await new Promise(setImmediate);
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

  #isCaught(): boolean {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
      return (BigInt(`0x${mask}`) & SIGUSR1) !== 0n;
    } catch {
      return false; // it is ending
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
