/** The bytes of a capture: from a file or a stream, decompressed. */
import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { isatty } from 'node:tty';
import * as zlib from 'node:zlib';
import { messageOf, UsageError } from '../faults.js';

export interface CaptureInput {
  /** Resolves when there is something to take, or nothing more will come. */
  ready(): void | Promise<void>;
  /** Takes what is there; 0 only at the end. Throws where it cannot be read, or not decompressed. */
  take(into: Uint8Array): number;
  /** Bytes read so far, before decompression. */
  readonly position: number;
  /** All there are to read; undefined for a stream. */
  readonly size: number | undefined;
  /** Nothing more is wanted: whoever waits for it need not. */
  interrupt(): void;
  /** May be called twice. */
  close(): void;
}

const GZIP_MAGIC = [0x1f, 0x8b];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const READ_BYTES = 1 << 18;
const STDIN = 0;

/**
 * Opens a file, or standard input for `-`. Throws a UsageError where that cannot be.
 * @param reader the command that would read the same from standard input
 */
export async function openInput(path: string, reader = 'pping -r -'): Promise<CaptureInput> {
  const fd = openForReading(path);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new UsageError(`${path} is a directory`);
  if (isatty(fd)) {
    const name = path === '-' ? 'standard input' : path;
    throw new UsageError(`${name} is a terminal: nothing to read there`);
  }
  const raw = stat.isFile() ? new FileInput(fd, stat) : new StreamInput(fd, stat);
  const magic = await raw.peek(ZSTD_MAGIC.length);
  const decompressor = decompressorFor(magic, path, reader);
  return decompressor === undefined ? raw : new Decompressed(raw, decompressor);
}

function openForReading(path: string): number {
  if (path === '-') return STDIN;
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${messageOf(error)}`);
  }
}

type Decompressor = NodeJS.ReadWriteStream & Readable;

function decompressorFor(
  magic: Uint8Array,
  path: string,
  reader: string,
): Decompressor | undefined {
  const begins = (bytes: number[]) => bytes.every((byte, index) => magic[index] === byte);
  if (begins(GZIP_MAGIC)) return zlib.createGunzip();
  if (!begins(ZSTD_MAGIC)) return undefined;
  // Node 22.15 and newer.
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Decompressor };
  if (createZstdDecompress) return createZstdDecompress();
  const source = path === '-' ? '' : ` ${path}`;
  throw new UsageError(
    `this Node.js (${process.version}) cannot read zstd: zstd -dc${source} | ${reader}`,
  );
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

/** Chunks as they come. */
abstract class Chunked implements CaptureInput {
  #chunk: Uint8Array = Buffer.alloc(0);
  #failure: Error | undefined;
  abstract readonly position: number;
  abstract readonly size: number | undefined;

  /** The next one; undefined at the end. */
  protected abstract next(): Promise<Uint8Array | undefined>;
  abstract close(): void;

  interrupt(): void {
    this.close();
  }

  async peek(length: number): Promise<Uint8Array> {
    while (this.#chunk.length < length) {
      const more = await this.next();
      if (more === undefined) break;
      this.#chunk = Buffer.concat([this.#chunk, more]);
    }
    return this.#chunk.subarray(0, length);
  }

  async ready(): Promise<void> {
    if (this.#chunk.length > 0) return;
    try {
      this.#chunk = (await this.next()) ?? this.#chunk;
    } catch (error) {
      this.#failure = error as Error;
    }
  }

  take(into: Uint8Array): number {
    if (this.#failure) throw this.#failure;
    const taken = this.#chunk.subarray(0, into.length);
    into.set(taken);
    this.#chunk = this.#chunk.subarray(taken.length);
    return taken.length;
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

class Decompressed extends Chunked {
  readonly #raw: CaptureInput;
  readonly #stream: Decompressor;
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(raw: CaptureInput, decompressor: Decompressor) {
    super();
    this.#raw = raw;
    this.#stream = decompressor;
    const compressed = Readable.from(piecesOf(raw));
    compressed.on('error', (error) => decompressor.destroy(error));
    this.#chunks = compressed
      .pipe(decompressor)
      [Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  }

  get position(): number {
    return this.#raw.position;
  }

  get size(): number | undefined {
    return this.#raw.size;
  }

  protected async next(): Promise<Uint8Array | undefined> {
    const { value, done } = await this.#chunks.next();
    return done ? undefined : value;
  }

  close(): void {
    this.#stream.destroy();
    this.#raw.close();
  }
}

async function* piecesOf(input: CaptureInput): AsyncGenerator<Buffer> {
  for (;;) {
    const piece = Buffer.allocUnsafe(READ_BYTES);
    await input.ready();
    const length = input.take(piece);
    if (length === 0) return;
    yield piece.subarray(0, length);
  }
}
