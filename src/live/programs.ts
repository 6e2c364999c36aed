/** The programs, in the kernel but attached to nothing. */
import { readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { writeAggregation } from '../core/aggregation.js';
import { writeFilter } from '../core/filter.js';
import { type AttributionSettings, writeFixedSettings } from '../core/fixed-settings.js';
import type { Hook } from '../core/hooks.js';
import { writeOwnerFilter } from '../core/owner-filter.js';
import { programsFor, WATCHING, type WatchedLink } from '../core/programs.js';
import { Fault } from '../faults.js';
import type { Programs } from '../libbpf/attachment.js';
import { tickLength } from '../libbpf/clock.js';
import { KernelError, PRIVILEGES_HINT } from '../libbpf/errors.js';
import { BPF_F_NO_PREALLOC, BpfObject, type LoadedObject } from '../libbpf/object.js';
import {
  AGGREGATION_MAP,
  beginAggregates,
  preallocateAggregates,
  sizeAggregates,
} from '../maps/aggregates.js';
import { sizeFlowTable } from '../maps/flow-table.js';
import { CARRIED_MAP, carriedEntries, INTERFACE_MAPS } from '../maps/interfaces.js';
import { sizeOpenedSockets } from '../maps/opened-sockets.js';
import { FILTER_MAP, FIXED_MAP, OWNER_FILTER_MAP } from '../maps/settings.js';
import { leaveOutUnowned } from '../maps/unowned-flows.js';
import { type Aggregation, isAggregated, NO_AGGREGATION } from '../sampling/aggregation.js';
import { type Filter, isActive } from '../sampling/filter.js';
import { isOwnerFiltered, type OwnerFilter } from '../sampling/owner-filter.js';
import type { Capacity } from '../sampling/policy.js';
import { type ProtocolWord, protocolsOf } from '../sampling/protocols.js';
import { capabilitiesIn } from './capabilities.js';
import { areFilesSpare } from './open-files.js';
import {
  missingTypes,
  needsPreallocation,
  OBJECT,
  ORIGINALS_OBJECT,
  OWNERS_OBJECT,
} from './requirements.js';

/** What loading programs beside each other opens for a moment: each with all maps; and some more. */
const FILES_BESIDE = 256;

/** What they are told before they are loaded. */
export interface Constants {
  readonly capacity: Capacity;
  readonly filter: Filter;
  /** Whether what is in tunnels is measured. */
  readonly tunnels?: boolean;
  /** What is counted of RTTs; nothing unless told. */
  readonly aggregation?: Aggregation;
  /** Undefined where nothing is to be known of connections beyond their packets. */
  readonly attribution?: AttributionWanted | undefined;
}

/** What is to be known of them, and whose are measured. */
export interface AttributionWanted extends Pick<AttributionSettings, 'owners' | 'originals'> {
  readonly filter: OwnerFilter;
}

/** What they have to know of interfaces. */
export interface Watched {
  /** For which there are programs. */
  readonly links: readonly WatchedLink[];
  /** Whether it is but one, and that the loopback interface. */
  readonly isLoopback: boolean;
  /** Whether there may be more than one: each is a place of its own then. */
  readonly areSeveral: boolean;
  /** Whether programs in front say which one it is, since those of several namespaces may have the same index. */
  readonly areNumbered?: boolean;
}

/** An interface like most, for a trial. */
export const ETHERNET: Watched = { links: ['ethernet'], isLoopback: false, areSeveral: false };

/** Throws a Fault where the kernel does not take them. */
export async function loadPrograms(watched: Watched, constants: Constants): Promise<BpfObject> {
  const { capacity, filter, tunnels = false, attribution } = constants;
  const { aggregation = NO_AGGREGATION } = constants;
  const areAggregated = isAggregated(aggregation);
  const object = new BpfObject(objectFor(constants));
  try {
    const { links, isLoopback, areSeveral, areNumbered = false } = watched;
    const fixed = {
      isLoopback,
      areSeveral,
      areNumbered,
      tunnels,
      tickNs: tickLength(),
      maxFlows: capacity.flows,
      isFiltered: isActive(filter),
      protocols: filter.protocols,
      udpPorts: filter.udpPorts,
      dnsNames: filter.dnsNames,
    };
    if (attribution) {
      const namespace = statSync('/proc/self/ns/net').ino;
      const isFiltered = isOwnerFiltered(attribution.filter);
      writeFixedSettings(object.map(FIXED_MAP), {
        ...fixed,
        attribution: { ...attribution, namespace, isFiltered },
      });
      writeOwnerFilter(object.map(OWNER_FILTER_MAP), attribution.filter);
      sizeOpenedSockets(object, attribution.owners);
      if (!attribution.owners) leaveOutUnowned(object);
    } else writeFixedSettings(object.map(FIXED_MAP), fixed);
    writeFilter(object.map(FILTER_MAP), filter);
    writeAggregation(object.map(AGGREGATION_MAP), aggregation);
    const { most } = aggregation;
    sizeAggregates(object, areAggregated ? { most, flows: capacity.flows } : undefined);
    sizeFlowTable(object, capacity.flows);
    object.map('losses').maxEntries = capacity.flows;
    object.map('timestamps').maxEntries = capacity.timestamps;
    leaveOutUnasked(object, protocolsOf(filter.protocols));
    if (areSeveral) object.map(CARRIED_MAP).maxEntries = carriedEntries();
    else for (const name of INTERFACE_MAPS) object.map(name).maxEntries = 1;
    if (needsPreallocation(release())) preallocate(object);
    const programs = programsFor(links, areAggregated, attribution?.owners);
    if (areFilesSpare(FILES_BESIDE)) await object.loadBeside(programs);
    else object.load(programs);
    if (areAggregated) beginAggregates(object);
    return object;
  } catch (error) {
    object.close();
    throw explained(error, attribution !== undefined);
  }
}

/** Those that are loaded, by what they are for. */
export type LoadedPrograms = ReadonlyMap<WatchedLink, Programs>;

export function programsIn(object: LoadedObject, links: readonly WatchedLink[]): LoadedPrograms {
  const of = ({ egress, ingress }: Readonly<Record<Hook, string>>) => ({
    egress: object.program(egress),
    ingress: object.program(ingress),
  });
  return new Map(links.map((link) => [link, of(WATCHING[link])]));
}

/** What protocols keep that are not measured takes no memory. */
function leaveOutUnasked(object: BpfObject, asked: ReadonlySet<ProtocolWord>): void {
  if (!asked.has('dns')) object.map('queries').maxEntries = 1;
  if (!asked.has('icmp') && !asked.has('quic')) object.map('forgotten').maxEntries = 1;
}

/** Which object file has what is wanted. */
export function objectFor({ attribution }: Pick<Constants, 'attribution'>): string {
  if (!attribution) return OBJECT;
  return attribution.originals === 'none' ? OWNERS_OBJECT : ORIGINALS_OBJECT;
}

/** Has the maps that are swept take all of their memory when they are loaded, as the table of flows does anyway. */
export function preallocate(object: BpfObject): void {
  for (const name of ['displaced_flows', 'losses', 'timestamps'])
    object.map(name).flags &= ~BPF_F_NO_PREALLOC;
  preallocateAggregates(object);
}

/** Where a capability or BTF is missing, the words of the verifier and of libbpf only lead astray. */
function explained(error: unknown, isAttributed: boolean): unknown {
  if (!(error instanceof KernelError)) return error;
  const reason = withoutPrivileges(error) ?? (isAttributed ? withoutTypes() : undefined);
  return reason === undefined ? error : new Fault(reason, { cause: error });
}

function withoutPrivileges({ operation, name }: KernelError): string | undefined {
  if (!['EPERM', 'EACCES'].includes(name)) return undefined;
  const { lacking, isAdministrator } = capabilitiesIn(readFileSync('/proc/self/status', 'utf8'));
  if (lacking.length === 0 || isAdministrator) return undefined;
  return `cannot ${operation} without ${lacking.join(', ')} (${name}); ${PRIVILEGES_HINT}`;
}

function withoutTypes(): string | undefined {
  const reason = missingTypes();
  return reason && `cannot find the owners of connections: ${reason}; see pping doctor`;
}
