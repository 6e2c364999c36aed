/** All network namespaces that there are, as far as a process is in them or they have a name. */
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { NAMED, type NamespaceAt, namesThere, ownNamespace } from './network-namespace.js';

/** Our own first. Those without a name go by the id of a process in it, the least. */
export function namespacesThere(): NamespaceAt[] {
  const found = new Map<number, NamespaceAt>();
  const add = (at: NamespaceAt) => found.has(at.inode) || found.set(at.inode, at);
  add(ownNamespace());
  for (const at of named()) add(at);
  for (const at of ofProcesses()) add(at);
  return [...found.values()];
}

function named(): NamespaceAt[] {
  return namesThere().flatMap((name) => {
    const path = join(NAMED, name);
    const inode = inodeOf(path);
    return inode === undefined ? [] : { name, inode, path };
  });
}

/** What is not mounted there any more is an empty file of another file system; it cannot be entered. */
function inodeOf(path: string): number | undefined {
  try {
    const { ino, dev } = statSync(path);
    return dev === statSync('/proc/self/ns/net').dev ? ino : undefined;
  } catch {
    return undefined;
  }
}

function ofProcesses(): NamespaceAt[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids
    .sort((one, other) => Number(one) - Number(other))
    .flatMap((name) => {
      const path = `/proc/${name}/ns/net`;
      const inode = inodeIn(path);
      return inode === undefined ? [] : { name, inode, path };
    });
}

/** A process may be gone by now, or one whose namespaces are not for pping to see. */
function inodeIn(path: string): number | undefined {
  try {
    const [, inode] = /^net:\[(\d+)\]$/.exec(readlinkSync(path)) ?? [];
    return inode === undefined ? undefined : Number(inode);
  } catch {
    return undefined;
  }
}
