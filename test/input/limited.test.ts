import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import type { CaptureInput } from '../../src/input/chunked.js';
import { openInput } from '../../src/input/input.js';
import { Limited } from '../../src/input/limited.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const inFolder = useTemporaryFolder();
const BYTES = Buffer.from(Array.from({ length: 1_000 }, (_, at) => at & 0xff));

/** All there is to take, in pieces of up to 300 bytes. */
async function takeAll(input: CaptureInput): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (;;) {
    await input.ready();
    const piece = Buffer.alloc(300);
    const taken = input.take(piece);
    if (taken === 0) return Buffer.concat(pieces);
    pieces.push(piece.subarray(0, taken));
  }
}

describe.each([
  ['as it is', BYTES],
  ['compressed', gzipSync(BYTES)],
])('a file %s', (_, bytes) => {
  async function read(limit: number): Promise<Buffer> {
    writeFileSync(inFolder('x'), bytes);
    const input = new Limited(await openInput(inFolder('x')), limit);
    expect(input.size).toBe(bytes.length);
    try {
      return await takeAll(input);
    } finally {
      input.close();
    }
  }

  test.each([300, 650, 999])('ends after %d bytes', async (limit) => {
    expect(await read(limit)).toEqual(BYTES.subarray(0, limit));
  });

  test('of fewer gives all', async () => {
    expect(await read(2_000)).toEqual(BYTES);
  });
});
