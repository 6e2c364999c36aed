/**
 * Which programs are those of instances of pping. Looking into others' programs takes CAP_SYS_ADMIN,
 * so each instance says which are its own: by the name of an abstract socket, which belongs to the
 * network namespace, which anybody may read, and which the kernel lets go of however the process ends.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { programInfo } from './info.js';

const PREFIX = 'pping/programs/';
const CLAIMS = new RegExp(`@${PREFIX}([\\d/]+)`, 'g');

/**
 * To be done before they are attached anywhere.
 * @param programs a file descriptor each
 * @returns what ends it
 */
export async function claim(programs: readonly number[]): Promise<() => void> {
  const ids = programs.map((fd) => programInfo(fd).id);
  const socket = await listen(`\0${PREFIX}${ids.join('/')}`);
  return () => socket?.close();
}

/** The ids of those of all instances in this network namespace. */
export function claimedPrograms(): ReadonlySet<number> {
  const sockets = readFileSync('/proc/self/net/unix', 'latin1');
  const ids = Array.from(sockets.matchAll(CLAIMS), ([, list = '']) => list.split('/'));
  return new Set(ids.flat().map(Number));
}

/**
 * Holds a name as long as the process lives, or until it is closed.
 * @returns undefined where somebody else holds it
 */
export function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error),
    );
    server.listen(path, () => resolve(server.unref()));
  });
}
