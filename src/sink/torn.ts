import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;

/** Whether the file of `fd` ends without a newline, as a run leaves it that a full disk or a kill has cut short. */
export function endsInMidLine(fd: number): boolean {
  const stat = fstatSync(fd);
  if (!stat.isFile() || stat.size === 0) return false;
  try {
    return byteAt(fd, stat.size - 1) !== NEWLINE;
  } catch {
    return false; // whoever may only write cannot know
  }
}

/** `fd` itself may be to write only. */
function byteAt(fd: number, position: number): number | undefined {
  const readable = openSync(`/proc/self/fd/${fd}`, 'r');
  try {
    const byte = Buffer.alloc(1);
    readSync(readable, byte, 0, 1, position);
    return byte[0];
  } finally {
    closeSync(readable);
  }
}
