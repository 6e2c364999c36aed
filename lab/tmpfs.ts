// A small file system that is seen only through its holder, a `cat` in a mount namespace of its own:
// however we end, the holder ends too, and nothing stays mounted.
import { spawn } from 'node:child_process';
import { Answers } from './answers.js';
import { end } from './child.js';
import { building } from './cleanup.js';

export interface Tmpfs {
  /** Its root. */
  readonly path: string;
  close(): Promise<void>;
}

/** @param bytes its size; what is beyond that gives ENOSPC */
export function createTmpfs(bytes: number): Promise<Tmpfs> {
  return building(async (cleanup) => {
    const mount = `mount -t tmpfs -o size=${bytes} pping-lab ${MOUNT_POINT} && echo ready && exec cat`;
    const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', mount], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true, // out of reach of Ctrl-C
    });
    cleanup.add(() => end(holder).then(() => {}));
    await new Answers(holder, 'the holder of a tmpfs').next();
    return { path: `/proc/${holder.pid}/root${MOUNT_POINT}`, close: () => cleanup.run() };
  });
}

/** In the holder's namespace only. */
const MOUNT_POINT = '/tmp';
