/** The map of TCP sockets that were noted as they opened (bpf/kernel/opened_sockets.h). */
import { LITTLE } from '../core/endianness.js';
import { viewOf } from '../core/global-variables.js';
import { NOTED_SOCKETS } from '../core/layouts.js';
import { possibleCpus } from '../libbpf/cpus.js';
import type { BpfObject } from '../libbpf/object.js';
import { VariablesMap } from './settings.js';

const OPENED_MAP = 'opened_sockets';
export const NOTED_SOCKETS_MAP = '.data.noted_sockets';

const LEAST_SOCKETS = 16_384;
/** The kernel takes free entries in batches: each CPU has some that it does not use (LOCAL_FREE_TARGET: 128). */
const SOCKETS_PER_CPU = 512;

/** Before load(). @param areNoted whether there are to be any */
export function sizeOpenedSockets(object: BpfObject, areNoted: boolean): void {
  const most = Math.max(LEAST_SOCKETS, SOCKETS_PER_CPU * possibleCpus());
  object.map(OPENED_MAP).maxEntries = areNoted ? most : 1;
}

/**
 * Tells the programs that sockets are noted from now on.
 * @param fd of NOTED_SOCKETS_MAP
 * @param noted of all, one that is not in the map is none of this machine's
 */
export function tellNotedSockets(fd: number, noted: 'some' | 'all'): void {
  const map = new VariablesMap(fd);
  viewOf(map).setUint32(0, NOTED_SOCKETS[noted], LITTLE);
  map.close();
}
