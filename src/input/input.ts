/** The bytes of a capture: from a file or a stream, decompressed. */

import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import { Fault, readFault, UsageError } from '../faults.js';
import { STDIN } from '../stdio/descriptors.js';
import { type CaptureInput, Chunked } from './chunked.js';
import { ENOUGH_TO_TELL, uncompressed } from './compression.js';

/**
 * Opens a file, or standard input for `-`. Throws a UsageError where that cannot be, a Fault where
 * nothing can be read.
 * @param reader the command that would read the same from standard input
 */
export async function openInput(path: string, reader = 'pping -r -'): Promise<CaptureInput> {
  const fd = openForReading(path);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new UsageError(`${path}: is a directory`);
  const name = path === '-' ? 'standard input' : path;
  if (isatty(fd)) throw new UsageError(`${name} is a terminal: nothing to read there`);
  const raw = stat.isFile() ? new FileInput(fd, stat) : new StreamInput(fd, stat);
  const start = await firstOf(raw, name);
  return uncompressed(raw, start, { source: path === '-' ? '' : ` ${path}`, reader });
}

function openForReading(path: string): number {
  if (path === '-') return STDIN;
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UsageError(readFault(path, error));
  }
}

/** Throws a Fault where not even these can be read. */
async function firstOf(raw: FileInput | StreamInput, name: string): Promise<Uint8Array> {
  try {
    return await raw.peek(ENOUGH_TO_TELL);
  } catch (error) {
    raw.close();
    throw new Fault(readFault(name, error));
  }
}

/** Read where it is wanted, without a copy in between. */
class FileInput implements CaptureInput {
  readonly #fd: number;
  #peeked = Buffer.alloc(0);
  #isClosed = false;
  position = 0;
  readonly size: number;

  constructor(fd: number, { size }: Stats) {
    this.#fd = fd;
    this.size = size;
  }

  async peek(length: number): Promise<Uint8Array> {
    const bytes = Buffer.alloc(length);
    this.#peeked = bytes.subarray(0, readSync(this.#fd, bytes));
    return this.#peeked;
  }

  ready(): void {}

  interrupt(): void {}

  take(into: Uint8Array): number {
    if (this.#peeked.length > 0) {
      into.set(this.#peeked);
      const { length } = this.#peeked;
      this.#peeked = Buffer.alloc(0);
      this.position += length;
      return length;
    }
    const length = readSync(this.#fd, into);
    this.position += length;
    return length;
  }

  close(): void {
    if (this.#fd !== STDIN && !this.#isClosed) closeSync(this.#fd);
    this.#isClosed = true;
  }
}

/** Pipes and sockets: a thread that waited in a read would keep the process from ending. */
class StreamInput extends Chunked {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  position = 0;
  readonly size = undefined;

  constructor(fd: number, stat: Stats) {
    super();
    this.#stream = fd === STDIN ? process.stdin : streamOf(fd, stat);
    this.#chunks = this.#stream[Symbol.asyncIterator]();
  }

  protected async next(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#chunks.next();
    if (done) return undefined;
    this.position += value.length;
    return value;
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** Devices, as /dev/null, do not let anybody wait for them. */
function streamOf(fd: number, stat: Stats): Readable {
  if (stat.isFIFO() || stat.isSocket()) return new Socket({ fd, readable: true, writable: false });
  return createReadStream('', { fd });
}
