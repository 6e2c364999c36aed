/** Errors of the system by name and in words: what Node says has their number, and not always their name. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** errno(3), of those that Node calls an `Unknown system error`. */
const TEXTS: Readonly<Record<string, string>> = {
  EDQUOT: 'disk quota exceeded',
  ENOLINK: 'link has been severed',
  ESTALE: 'stale file handle',
};

/** What is wrong with a file, where Node says it of a call. */
const FILE_TEXTS: Readonly<Record<string, string>> = {
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ENOENT: 'no such file',
  ENOSPC: 'disk full',
  EPERM: 'not permitted',
};
/** Faults of the disk, not of the file. */
const OF_DISK = ['EDQUOT', 'ENOSPC'];

/** @param errno the (positive) error number. @returns its name, and what it means */
export function errorName(errno: number): readonly [name: string, text: string] {
  const known = getSystemErrorMap().get(-errno);
  if (known) return known;
  const name = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
  return [name ?? `errno ${errno}`, TEXTS[name ?? ''] ?? 'unknown error'];
}

/**
 * What a failed call says of a file, in words: `x.pcap: no such file`, `disk full: run.ndjson`.
 * @param name of the file, as the user gave it; without one there are the words alone
 * @param words for errors whose usual ones would be wrong here, by their names
 * @returns undefined where the error is of no call of the system
 */
export function fileFault(
  error: unknown,
  name: string | undefined,
  words: Readonly<Record<string, string>> = {},
): string | undefined {
  const found = systemError(error);
  if (found === undefined) return undefined;
  const [code, text] = found;
  const fault = words[code] ?? FILE_TEXTS[code] ?? text;
  if (name === undefined) return fault;
  return OF_DISK.includes(code) ? `${fault}: ${name}` : `${name}: ${fault}`;
}

/** By what Node puts into its errors: zlib has numbers, too, but no call. */
function systemError(error: unknown): ReturnType<typeof errorName> | undefined {
  const { syscall, errno, code = '' } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  const numbers: Readonly<Record<string, number>> = constants.errno;
  const number = errno ?? numbers[code];
  return number === undefined ? undefined : errorName(Math.abs(number));
}
