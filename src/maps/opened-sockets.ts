/** The map of TCP sockets that were noted as they opened (bpf/kernel/opened_sockets.h). */
import { LITTLE } from '../core/endianness.js';
import { viewOf } from '../core/global-variables.js';
import { NOTED_SOCKETS } from '../core/layouts.js';
import { possibleCpus } from '../libbpf/cpus.js';
import type { BpfObject } from '../libbpf/object.js';
import { VariablesMap } from './settings.js';

export const OPENED_MAP = 'opened_sockets';
/** Of those that connect, by the states that they go through (bpf/kernel/socket_states.h). */
export const CONNECTING_MAP = 'connecting';
/** Who listens, with the sockets that do (bpf/kernel/listeners.h). */
export const LISTENERS_MAP = 'listeners';
export const NOTED_SOCKETS_MAP = '.data.noted_sockets';

const LEAST_SOCKETS = 16_384;
/** The kernel takes free entries in batches: each CPU has some that it does not use (LOCAL_FREE_TARGET: 128). */
const SOCKETS_PER_CPU = 512;

/** Before load(). @param areNoted whether there are to be any */
export function sizeOpenedSockets(object: BpfObject, areNoted: boolean): void {
  object.map(OPENED_MAP).maxEntries = areNoted ? mostSockets() : 1;
  object.map(CONNECTING_MAP).maxEntries = 1;
}

/** So many there is room for. */
export function mostSockets(): number {
  return Math.max(LEAST_SOCKETS, SOCKETS_PER_CPU * possibleCpus());
}

/**
 * Tells the programs that sockets are noted from now on.
 * @param fd of NOTED_SOCKETS_MAP
 * @param noted of all, one that is not in the map is none of this machine's; late: once its handshake is over
 */
export function tellNotedSockets(fd: number, noted: 'some' | 'all' | 'late'): void {
  const map = new VariablesMap(fd);
  viewOf(map).setUint32(0, NOTED_SOCKETS[noted], LITTLE);
  map.close();
}
