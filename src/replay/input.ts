/** The bytes of a capture: from a file or a stream, decompressed. */
import { closeSync, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
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

/** Compressed data that ends before its end. */
export class CutShort extends Error {}

const GZIP_MAGIC = [0x1f, 0x8b];
const ZSTD_MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** What others have to decompress: format, how it begins, and the command. */
const FOREIGN: readonly (readonly [string, readonly number[], string])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz -dc'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc'],
  ['bzip2', [0x42, 0x5a, 0x68], 'bzip2 -dc'],
];
const LONGEST_MAGIC = 6;
/** Of compressed bytes: what is decompressed at once is lost where it is damaged. */
const PIECE_BYTES = 1 << 16;
const DECOMPRESSED_BYTES = 1 << 18;
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
  const magic = await raw.peek(LONGEST_MAGIC);
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
  const begins = (bytes: readonly number[]) => bytes.every((byte, index) => magic[index] === byte);
  const source = path === '-' ? '' : ` ${path}`;
  if (begins(GZIP_MAGIC)) return zlib.createGunzip({ chunkSize: DECOMPRESSED_BYTES });
  for (const [format, bytes, command] of FOREIGN) {
    if (begins(bytes)) {
      throw new UsageError(`cannot read ${format} here: ${command}${source} | ${reader}`);
    }
  }
  if (!begins(ZSTD_MAGIC)) return undefined;
  // Node 22.15 and newer.
  const { createZstdDecompress } = zlib as { createZstdDecompress?: () => Decompressor };
  if (createZstdDecompress) return createZstdDecompress();
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

/**
 * Pieces go in one after the other, each once what the last one gave has been taken: a stream that
 * fails forgets what nobody has read yet.
 */
class Decompressed extends Chunked {
  readonly #raw: CaptureInput;
  readonly #stream: Decompressor;
  #failure: unknown;
  /** Whether a piece is on its way, or all have gone in. */
  #isBusy = false;
  /** Something has happened; whoever waits for that. */
  #hasNews = false;
  #onNews: (() => void) | undefined;

  constructor(raw: CaptureInput, decompressor: Decompressor) {
    super();
    this.#raw = raw;
    this.#stream = decompressor;
    decompressor.on('error', (error) => this.#fail(error));
    for (const event of ['readable', 'end', 'close']) decompressor.on(event, () => this.#tell());
  }

  get position(): number {
    return this.#raw.position;
  }

  get size(): number | undefined {
    return this.#raw.size;
  }

  protected async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#stream.read() as Uint8Array | null;
      if (chunk !== null) return chunk;
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#stream.readableEnded || this.#stream.destroyed) return undefined;
      if (!this.#isBusy) void this.#feed();
      await this.#news();
    }
  }

  close(): void {
    this.#stream.destroy();
    this.#raw.close();
  }

  async #feed(): Promise<void> {
    this.#isBusy = true;
    try {
      await this.#raw.ready();
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const length = this.#raw.take(piece);
      if (length === 0) this.#stream.end();
      else this.#stream.write(piece.subarray(0, length), () => this.#free());
    } catch (error) {
      this.#fail(error);
    }
  }

  #free(): void {
    this.#isBusy = false;
    this.#tell();
  }

  #fail(error: unknown): void {
    const isCut = (error as NodeJS.ErrnoException).code === 'Z_BUF_ERROR';
    this.#failure ??= isCut ? new CutShort('its compressed data ends too early') : error;
    this.#tell();
  }

  #tell(): void {
    this.#hasNews = true;
    this.#onNews?.();
  }

  async #news(): Promise<void> {
    if (!this.#hasNews) {
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
    this.#hasNews = false;
  }
}
