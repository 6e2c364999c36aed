/**
 * Which programs are those of instances of pping. Looking into others' programs takes CAP_SYS_ADMIN,
 * so each instance says which are its own, by a name that anybody may read.
 */
import { readFileSync } from 'node:fs';
import { holdName } from './abstract-names.js';
import { programInfo } from './info.js';

const PREFIX = 'pping/programs/';
const CLAIMS = new RegExp(`@${PREFIX}([\\d/]+)`, 'g');

/**
 * To be done before they are attached anywhere in this network namespace.
 * @param programs a file descriptor each
 * @returns what ends it; may be called twice
 */
export function claim(programs: readonly number[]): () => void {
  const ids = programs.map((fd) => programInfo(fd).id);
  return holdName(`${PREFIX}${ids.join('/')}`) ?? (() => {});
}

/** The ids of those of all instances in this network namespace. */
export function claimedPrograms(): ReadonlySet<number> {
  const sockets = readFileSync('/proc/self/net/unix', 'latin1');
  const ids = Array.from(sockets.matchAll(CLAIMS), ([, list = '']) => list.split('/'));
  return new Set(ids.flat().map(Number));
}
