/** The map of TCP sockets that were noted as they opened (bpf/kernel/opened_sockets.h). */
import { availableParallelism } from 'node:os';
import { LITTLE } from '../core/endianness.js';
import { viewOf } from '../core/global-variables.js';
import type { BpfObject } from '../libbpf/object.js';
import { VariablesMap } from './settings.js';

const OPENED_MAP = 'opened_sockets';
export const SOCKETS_NOTED_MAP = '.data.sockets_noted';

const LEAST_SOCKETS = 16_384;
/** The kernel takes free entries in batches, and each CPU has some that it does not use (LOCAL_FREE_TARGET: 128). */
const SOCKETS_PER_CPU = 512;

/** Before load(). @param areNoted whether there are to be any */
export function sizeOpenedSockets(object: BpfObject, areNoted: boolean): void {
  const most = Math.max(LEAST_SOCKETS, SOCKETS_PER_CPU * availableParallelism());
  object.map(OPENED_MAP).maxEntries = areNoted ? most : 1;
}

/** Tells the programs: a socket that is not in the map is none of this machine's. @param fd of SOCKETS_NOTED_MAP */
export function tellThatSocketsAreNoted(fd: number): void {
  const map = new VariablesMap(fd);
  viewOf(map).setUint32(0, 1, LITTLE);
  map.close();
}
