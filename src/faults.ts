import { fileFault } from './error-names.js';

/** What the user asked for cannot be asked for: one line, exit 2. */
export class UsageError extends Error {}

/** What the user asked for cannot be had here: one line, exit 1. */
export class Fault extends Error {}

/** What was thrown, in words. */
export function messageOf(error: unknown): string {
  const { path } = (error ?? {}) as NodeJS.ErrnoException;
  return fileFault(error, path) ?? plainMessage(error);
}

/** @param name of the file, as the user gave it. @returns why it cannot be read */
export function readFault(name: string, error: unknown): string {
  return fileFault(error, name) ?? `cannot read ${name}: ${plainMessage(error)}`;
}

/** @param name of the file, as the user gave it. @returns why it cannot be made or written */
export function writeFault(name: string, error: unknown): string {
  // A file that is missing would be made.
  const words = { ENOENT: 'no such directory' };
  return fileFault(error, name, words) ?? `cannot write ${name}: ${plainMessage(error)}`;
}

function plainMessage(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** A fault as it is; else one that says what was thrown, in one line. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const line = messageOf(error)
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return new Fault(line, { cause: error });
}
