/** What captures are read from, out of memory. */
import type { CaptureInput } from '../../../src/input/chunked.js';

/** At most so many bytes at a time. */
export function inputOf(bytes: Buffer, step: number): CaptureInput {
  let position = 0;
  return {
    ready() {},
    interrupt() {},
    close() {},
    take(into) {
      const taken = bytes.copy(into, 0, position, Math.min(bytes.length, position + step));
      position += taken;
      return taken;
    },
    get position() {
      return position;
    },
    size: bytes.length,
  };
}

/** All that it gives until its end, or until it fails; then closes it. */
export async function readAll(input: CaptureInput) {
  const buffer = Buffer.alloc(1 << 16);
  let text = '';
  try {
    for (;;) {
      await input.ready();
      const length = input.take(buffer);
      if (length === 0) return { text, failure: undefined };
      text += buffer.toString('latin1', 0, length);
    }
  } catch (failure) {
    return { text, failure };
  } finally {
    input.close();
  }
}
