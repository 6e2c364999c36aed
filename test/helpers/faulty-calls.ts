/** What the kernel does with a file, as a test wants it. Undone by jest.restoreAllMocks(). */
import fs from 'node:fs';
import { jest } from '@jest/globals';

type Done = (error: NodeJS.ErrnoException | null, ...rest: unknown[]) => void;

/** From now on every such call fails. @returns what undoes this */
export function failing(call: 'write' | 'fsync', code: string): () => void {
  const error = Object.assign(new Error(`${code}: it fails, ${call}`), { code, syscall: call });
  const fail = (...args: unknown[]) => setImmediate(args.at(-1) as Done, error);
  const spy = jest.spyOn(fs, call).mockImplementation(fail as never);
  return () => spy.mockRestore();
}

/** From now on writes hang, as on a disk that is away. @returns what lets them go on, and later ones too */
export function hangingWrites(): () => void {
  const { write } = fs;
  const waiting: (() => void)[] = [];
  const hang = (...args: unknown[]) => waiting.push(() => Reflect.apply(write, fs, args));
  const spy = jest.spyOn(fs, 'write').mockImplementation(hang as never);
  return () => {
    spy.mockRestore();
    for (const goOn of waiting.splice(0)) goOn();
  };
}
