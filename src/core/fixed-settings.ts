/** What the programs are told before they are loaded. */
import { randomBytes } from 'node:crypto';
import { type Filter, NO_FILTER } from '../sampling/filter.js';
import type { UdpPorts } from '../sampling/protocols.js';
import { LITTLE } from './endianness.js';
import { cellMask, flowBuckets } from './flow-table.js';
import { type GlobalVariables, viewOf } from './global-variables.js';
import { FIXED_SETTINGS, LINK_LAYER, ORIGINALS } from './layouts.js';
import type { LinkLayer } from './link-layer.js';
import { protocolBits } from './protocol-bits.js';
import { writeUdpPorts } from './udp-ports.js';

/** What cannot change once the programs are loaded. */
export interface FixedSettings {
  /** Of the programs that are not for IP alone: programsFor() (src/live/programs.ts); ethernet but in tests. */
  readonly linkLayer?: LinkLayer;
  /** Whether what leaves comes in again at once. */
  readonly isLoopback?: boolean;
  /** The kernel's timer tick in nanoseconds. */
  readonly tickNs: bigint;
  /** Cells of the table of flows. */
  readonly maxFlows: number;
  /** HASH_SEED_BYTES of the table's hash, for tests; else random, so that nobody can choose what comes together. */
  readonly hashSeed?: Uint8Array;
  /** Whether there are several interfaces, each a place of its own: the one with its number, which is its index. */
  readonly areSeveral?: boolean;
  /** Whether it is one that programs in front have given, since an index may come again in another namespace. */
  readonly areNumbered?: boolean;
  /** Whether there is a filter; where that is not known, it is looked at. */
  readonly isFiltered?: boolean;
  /** Whether what is in tunnels is measured. */
  readonly tunnels?: boolean;
  /** Which protocols are read; TCP in any case. */
  readonly protocols?: Filter['protocols'];
  readonly udpPorts?: UdpPorts;
  /** Whether it is told what queries of DNS are for. */
  readonly dnsNames?: boolean;
  /** For tests: time is what the packet carries, by all clocks; with a tick of 1 ns. */
  readonly clockFromPacket?: boolean;
  /** Means something only to the object that knows of owners. */
  readonly attribution?: AttributionSettings | undefined;
}

/** What is to be known of connections beyond their packets. */
export interface AttributionSettings {
  readonly owners: boolean;
  /** What is asked for the ends before NAT: nothing; the sockets that are noted as they open; or conntrack, too. */
  readonly originals: keyof typeof ORIGINALS;
  /** The inode of the network namespace that the interface is in; of several, programs in front say which. */
  readonly namespace: number;
  /** Whether only some owners' connections are measured. */
  readonly isFiltered: boolean;
}

export const HASH_SEED_BYTES = FIXED_SETTINGS.size - FIXED_SETTINGS.hashSeed;

const NO_ATTRIBUTION: AttributionSettings = {
  owners: false,
  originals: 'none',
  namespace: 0,
  isFiltered: false,
};

/** Before load(): the verifier then folds the branches away. */
export function writeFixedSettings(map: GlobalVariables, fixed: FixedSettings): void {
  const view = viewOf(map);
  const number = (offset: number, value: number) => view.setUint32(offset, value, LITTLE);
  const flag = (offset: number, value: boolean) => number(offset, value ? 1 : 0);
  number(FIXED_SETTINGS.linkLayer, LINK_LAYER[fixed.linkLayer ?? 'ethernet']);
  flag(FIXED_SETTINGS.clockFromPacket, fixed.clockFromPacket ?? false);
  view.setBigUint64(FIXED_SETTINGS.tickNs, fixed.tickNs, LITTLE);
  flag(FIXED_SETTINGS.loopback, fixed.isLoopback ?? false);
  flag(FIXED_SETTINGS.several, fixed.areSeveral ?? false);
  flag(FIXED_SETTINGS.numbered, fixed.areNumbered ?? false);
  number(FIXED_SETTINGS.maxFlows, fixed.maxFlows);
  number(FIXED_SETTINGS.flowBuckets, flowBuckets(fixed.maxFlows));
  number(FIXED_SETTINGS.cellMask, cellMask(fixed.maxFlows));
  const seed = fixed.hashSeed ?? randomBytes(HASH_SEED_BYTES);
  new Uint8Array(view.buffer, view.byteOffset + FIXED_SETTINGS.hashSeed, HASH_SEED_BYTES).set(seed);
  flag(FIXED_SETTINGS.filtered, fixed.isFiltered ?? true);
  flag(FIXED_SETTINGS.tunnels, fixed.tunnels ?? false);
  number(FIXED_SETTINGS.protocols, protocolBits(fixed.protocols ?? []));
  writeUdpPorts(view, FIXED_SETTINGS.udpPorts, fixed.udpPorts ?? NO_FILTER.udpPorts);
  flag(FIXED_SETTINGS.dnsNames, fixed.dnsNames ?? false);
  const { owners, originals, namespace, isFiltered } = fixed.attribution ?? NO_ATTRIBUTION;
  flag(FIXED_SETTINGS.owners, owners);
  number(FIXED_SETTINGS.originals, ORIGINALS[originals]);
  number(FIXED_SETTINGS.namespace, namespace);
  flag(FIXED_SETTINGS.ownerFilter, isFiltered);
}
