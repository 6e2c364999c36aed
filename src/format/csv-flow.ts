/** Cells of CSV that are the same in each row of a flow's direction; docs/csv.md has the columns. */
import type { Attribution } from '../attribution/owner.js';
import type { Surroundings } from '../events/places.js';
import type { KernelEvent } from '../events/types.js';
import { addressText } from '../text/address.js';
import { type Cell, csvName } from './csv-text.js';

export const ENDS_COLUMNS = [
  'flow_id',
  'src_ip',
  'src_port',
  'dest_ip',
  'dest_port',
  'protocol',
] as const;

/** What is known of some flows only: at the end of a row. */
export const KNOWN_COLUMNS = [
  'capture',
  'vlan',
  'inner_vlan',
  'tunnel',
  'tunnel_id',
  'inner_tunnel',
  'inner_tunnel_id',
  'cgroup',
  'unit',
  'container',
  'pod',
  'pid',
  'comm',
  'uid',
  'orig_src_ip',
  'orig_src_port',
  'orig_dest_ip',
  'orig_dest_port',
] as const;

/** What is known of a flow besides its events. */
export interface KnownOfFlow {
  readonly capture: string | undefined;
  readonly surroundings: Surroundings | undefined;
  readonly attribution: Attribution | undefined;
}

type Cells<Columns extends readonly string[]> = Readonly<Record<Columns[number], Cell>>;

export function endsCells(event: KernelEvent): Cell[] {
  const { srcAddress, destAddress, ipVersion } = event;
  const cells: Cells<typeof ENDS_COLUMNS> = {
    flow_id: event.flowId,
    src_ip: addressText(srcAddress, ipVersion),
    src_port: event.srcPort,
    dest_ip: addressText(destAddress, ipVersion),
    dest_port: event.destPort,
    protocol: event.protocol,
  };
  return ENDS_COLUMNS.map((name) => cells[name]);
}

/** @param ipVersion of the flow */
export function knownCells(known: KnownOfFlow, ipVersion: 4 | 6): Cell[] {
  const { capture, surroundings, attribution } = known;
  const cells: Cells<typeof KNOWN_COLUMNS> = {
    capture: csvName(capture),
    ...surroundingCells(surroundings),
    ...ownerCells(attribution?.owner),
    ...originalCells(attribution?.original, ipVersion),
  };
  return KNOWN_COLUMNS.map((name) => cells[name]);
}

function surroundingCells({ vlans, tunnels = [] }: Partial<Surroundings> = {}) {
  const [outer, inner] = tunnels;
  return {
    vlan: vlans?.outer,
    inner_vlan: vlans?.inner,
    tunnel: outer?.name,
    tunnel_id: outer?.id,
    inner_tunnel: inner?.name,
    inner_tunnel_id: inner?.id,
  };
}

function ownerCells(owner: Attribution['owner'] = {}) {
  return {
    cgroup: csvName(owner.cgroup),
    unit: csvName(owner.unit),
    container: csvName(owner.container),
    pod: csvName(owner.pod),
    pid: owner.pid,
    comm: csvName(owner.comm),
    uid: owner.uid,
  };
}

/** Where look-ups have disagreed (null) none is to be believed, and none is told. */
function originalCells(original: Attribution['original'], ipVersion: 4 | 6) {
  const { src, dest } = original ?? {};
  return {
    orig_src_ip: src && addressText(src.address, ipVersion),
    orig_src_port: src?.port,
    orig_dest_ip: dest && addressText(dest.address, ipVersion),
    orig_dest_port: dest?.port,
  };
}
