/** Errors of the system by name: Node has none for some that network file systems and quotas bring. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';

/** errno(3), of those that Node calls an `Unknown system error`. */
const TEXTS: Readonly<Record<string, string>> = {
  EDQUOT: 'disk quota exceeded',
  ENOLINK: 'link has been severed',
  ESTALE: 'stale file handle',
};

/** @param errno the (positive) error number. @returns its name, and what it means */
export function errorName(errno: number): readonly [name: string, text: string] {
  const known = getSystemErrorMap().get(-errno);
  if (known) return known;
  const name = Object.entries(constants.errno).find(([, value]) => value === errno)?.[0];
  return [name ?? `errno ${errno}`, TEXTS[name ?? ''] ?? 'unknown error'];
}

/** What Node says of an error, with its name where Node does not know it. */
export function withErrorNames(message: string): string {
  return message.replace(UNKNOWN, (_, errno: string) => errorName(Number(errno)).join(': '));
}

/** As code and as text, the latter once more behind it. */
const UNKNOWN = /Unknown system error -(\d+)(?:: Unknown system error -\1)?/g;
