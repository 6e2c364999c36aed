/** What the kernel does with a file, as a test wants it. Undone by jest.restoreAllMocks(). */
import fs from 'node:fs';
import { jest } from '@jest/globals';

type Done = (error: NodeJS.ErrnoException | null, ...rest: unknown[]) => void;

/** From now on every such call fails. @returns what undoes this */
export function failing(call: 'writev' | 'fsync', code: string): () => void {
  const error = Object.assign(new Error(`${code}: it fails, ${call}`), { code, syscall: call });
  const fail = (...args: unknown[]) => setImmediate(args.at(-1) as Done, error);
  const spy = jest.spyOn(fs, call).mockImplementation(fail as never);
  return () => spy.mockRestore();
}

/**
 * From now on writes are done, but do not come back, as on a disk that is away.
 * @returns what lets them, and later ones; it resolves when they have
 */
export function hangingWrites(): () => Promise<void> {
  const { writev } = fs;
  const held: Promise<() => void>[] = [];
  const hang = (fd: number, buffers: Buffer[], done: Done) => {
    const come = (back: (comeBack: () => void) => void) =>
      writev(fd, buffers, (...result) => back(() => done(...result)));
    held.push(new Promise(come));
  };
  const spy = jest.spyOn(fs, 'writev').mockImplementation(hang as never);
  return async () => {
    spy.mockRestore();
    for (const comeBack of await Promise.all(held)) comeBack();
  };
}
