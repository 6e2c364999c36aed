/** Where a file is that pping makes or replaces: not where somebody else would like it to be. */
import { lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';

/** As the kernel has it (linux/namei.h, MAXSYMLINKS). */
const MOST_LINKS = 40;
const ROOT_UID = 0;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;

/**
 * The path without links, which are followed as the kernel does; its last name may be missing. Throws an Error at
 * a link that somebody else may have laid: pping runs as root, and would write wherever it points to.
 * @returns of a descriptor, as /dev/stdout, the path in /proc, which only the kernel can follow
 */
export function ownPath(path: string): string {
  const { geteuid } = process;
  if (!geteuid) return path; // no users as here
  const names = namesIn(isAbsolute(path) ? path : `${process.cwd()}/${path}`);
  let folder = '/';
  for (let links = 0; names.length > 0; ) {
    const name = names.shift() as string;
    const place = name === '..' ? dirname(folder) : join(folder, name);
    const target = targetOf(place);
    if (target === undefined) folder = place;
    else if (folder.startsWith('/proc/')) return [place, ...names].join('/');
    else if (!isOurs(place, folder, geteuid())) {
      throw new Error(`${place} is a link, and others can write to its folder`);
    } else if (++links > MOST_LINKS) throw new Error('too many links');
    else {
      names.unshift(...namesIn(target));
      if (isAbsolute(target)) folder = '/';
    }
  }
  return folder;
}

/** Without those that lead nowhere. A link is followed before its `..`, so that one stays. */
function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/** Undefined where that is no link. */
function targetOf(place: string): string | undefined {
  try {
    return readlinkSync(place);
  } catch {
    return undefined;
  }
}

/** Whether nobody else, but for root, can have laid this link, or can lay another in its place. */
function isOurs(link: string, folder: string, us: number): boolean {
  const { uid, gid, mode } = statSync(folder);
  if ((uid !== ROOT_UID && uid !== us) || (mode & OTHERS_WRITE) !== 0) return false;
  if ((mode & GROUP_WRITES) === 0 || gid === process.getegid?.()) return true;
  // Ubuntu's /var/log is its group syslog's, too; what systemd has laid in it is root's.
  return uid === ROOT_UID && lstatSync(link).uid === ROOT_UID;
}
