/** How a capture is compressed, and what reads it. */
import * as zlib from 'node:zlib';
import { UsageError } from '../faults.js';
import type { CaptureInput } from './chunked.js';
import { Decompressed, type Decompressor } from './decompressed.js';
import { Gunzipped } from './gunzipped.js';
import { beginsGzip } from './gzip-header.js';
import { beginsZstd, MOST_WINDOW, windowOf, ZstdFrames } from './zstd-frames.js';

/** So many of the first bytes: a header of zstd's has no more. */
export const ENOUGH_TO_TELL = 18;

/** What others have to decompress: format, how it begins, and the command. */
const FOREIGN: readonly (readonly [string, readonly number[], string])[] = [
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'xz -dc'],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], 'lz4 -dc'],
  ['bzip2', [0x42, 0x5a, 0x68], 'bzip2 -dc'],
];
const DECOMPRESSED_BYTES = 1 << 18;
const MIB = 1 << 20;

/** How the user would read the same through another program. */
interface Detour {
  /** As that program's argument, with a space in front; nothing for standard input. */
  readonly source: string;
  /** The command that reads what comes out of it. */
  readonly reader: string;
}

/**
 * What is in it. Throws a UsageError, which says how to do it, where that cannot be read here.
 * @param start its first bytes, ENOUGH_TO_TELL if it has so many
 */
export function uncompressed(raw: CaptureInput, start: Uint8Array, detour: Detour): CaptureInput {
  const begins = (magic: readonly number[]) => magic.every((byte, index) => start[index] === byte);
  const through = (program: string) => `${program}${detour.source} | ${detour.reader}`;
  if (beginsGzip(start)) return new Gunzipped(raw, DECOMPRESSED_BYTES);
  if (beginsZstd(start)) {
    return new Decompressed(raw, zstdDecompressor(start, through), new ZstdFrames());
  }
  for (const [format, magic, program] of FOREIGN) {
    if (begins(magic)) throw new UsageError(`cannot read ${format} here: ${through(program)}`);
  }
  return raw;
}

/** @returns what makes one, for each frame */
function zstdDecompressor(start: Uint8Array, through: (program: string) => string) {
  // Node 22.15, 23.8 and newer.
  const { createZstdDecompress } = zlib as {
    createZstdDecompress?: (options: zlib.ZlibOptions) => Decompressor;
  };
  if (createZstdDecompress === undefined) {
    throw new UsageError(
      `this Node.js (${process.version}) cannot read zstd: ${through('zstd -dc')}`,
    );
  }
  const window = windowOf(start) ?? 0;
  if (window > MOST_WINDOW) {
    const [needed, most] = [Math.ceil(window / MIB), MOST_WINDOW / MIB];
    throw new UsageError(
      `this zstd takes ${needed} MiB to decompress, and at most ${most} are taken here: ${through('zstd -dc --long=31')}`,
    );
  }
  return () => createZstdDecompress({ chunkSize: DECOMPRESSED_BYTES });
}
