// Where the long-lived monitor writes to, read as it comes: a file that is moved away again and again,
// or a FIFO in its place.
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../lab/until.js';
import type { Ledger } from './ledger.js';
import type { Monitor } from './monitor.js';
import { holds } from './process.js';
import { LineStream } from './stream.js';

const LARGE = 6 << 20;
const READ_INTERVAL_MS = 5;
/** Of one stream at a time. */
const READS = 8;
/** A process that gets next to no CPU takes 64 KiB at a time out of what it has for a FIFO. */
const REOPEN_MS = 300_000;

/** What is to be known of who writes. */
type Writer = Pick<Monitor, 'pid' | 'signal'>;

export class Output {
  readonly path: string;
  /** While true nothing is read. */
  isPaused = false;
  readonly #monitor: Writer;
  readonly #ledger: Ledger;
  /** The one in use. */
  #current: LineStream;
  /** Those that were in use, until the monitor lets go of them, and what is to be removed then. */
  readonly #former = new Map<LineStream, string>();
  readonly #timer: NodeJS.Timeout;
  #moves = 0;
  #turns = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param monitor one that writes to `path` already */
  constructor(path: string, monitor: Writer, ledger: Ledger) {
    this.path = path;
    this.#monitor = monitor;
    this.#ledger = ledger;
    this.#current = this.#follow();
    this.#timer = setInterval(() => this.#read(), READ_INTERVAL_MS);
  }

  /** Bytes in the file in use; 0 while it is being replaced. */
  get size(): number {
    return statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  get isLarge(): boolean {
    return this.size > LARGE;
  }

  /** Whether nothing is being done to it. */
  get isIdle(): boolean {
    return this.#turns === 0;
  }

  /** Resolves when all that was replaced has been read to its end. */
  settled(): Promise<void> {
    return until(() => this.#former.size === 0, 'the former outputs to be closed', REOPEN_MS);
  }

  /** As logrotate does it. */
  rotate(): Promise<void> {
    return this.#replace((path) => this.#moveAway(path));
  }

  /** What is written until SIGHUP goes into a file without a name. */
  remove(): Promise<void> {
    return this.#replace((path) => {
      rmSync(path);
      return `${path}.removed`;
    });
  }

  /** Writes go into a FIFO from now on. */
  useFifo(): Promise<void> {
    const fifo = join(this.path, '../fifo');
    return this.#replace((path) => {
      execFileSync('mkfifo', [fifo]);
      const moved = this.#moveAway(path);
      renameSync(fifo, path);
      return moved;
    });
  }

  /** One after the other: what is done to the output, and what must not be disturbed by that. */
  async inTurn<Value>(work: () => Promise<Value>): Promise<Value> {
    this.#turns++;
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done.finally(() => this.#turns--);
  }

  /** Nothing is read any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /** Only when the monitor has ended: reads the rest. */
  close(): void {
    this.stop();
    for (const stream of [...this.#former.keys(), this.#current]) this.#finish(stream);
  }

  /** @param change gives the new path of what is replaced */
  async #replace(change: (path: string) => string): Promise<void> {
    const before = this.#current;
    const renamed = change(this.path);
    // A FIFO cannot be opened to write before it is open to read.
    const early = this.#exists() ? this.#follow() : undefined;
    this.#monitor.signal('SIGHUP');
    await until(() => this.#exists(), 'the output to be opened anew', REOPEN_MS);
    // Both at once: what is former may be closed at any time.
    this.#current = early ?? this.#follow();
    this.#former.set(before, renamed);
    const { identity } = this.#current;
    await until(() => holds(this.#monitor.pid, identity), 'the new output in use', REOPEN_MS);
  }

  #exists(): boolean {
    return statSync(this.path, { throwIfNoEntry: false }) !== undefined;
  }

  #moveAway(path: string): string {
    const name = `${path}.${++this.#moves}`;
    renameSync(path, name);
    return name;
  }

  #follow(): LineStream {
    return new LineStream(this.path, (line) => this.#ledger.take(line));
  }

  #read(): void {
    if (this.isPaused) return;
    for (const stream of this.#former.keys()) {
      const isOver = !holds(this.#monitor.pid, stream.identity);
      if (readSome(stream) || !isOver) return; // what has replaced it holds later lines
      this.#finish(stream);
    }
    readSome(this.#current);
  }

  #finish(stream: LineStream): void {
    while (stream.read());
    const rest = stream.close();
    if (rest !== '') this.#ledger.cutOff++;
    rmSync(this.#former.get(stream) ?? this.path, { force: true });
    this.#former.delete(stream);
  }
}

/** @returns whether there were any bytes */
function readSome(stream: LineStream): boolean {
  let reads = 0;
  while (reads < READS && stream.read()) reads++;
  return reads > 0;
}
