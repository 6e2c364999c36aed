/** Cells of CSV that are known besides an event; docs/csv.md has the columns. */
import type { Attribution } from '../attribution/owner.js';
import type { Surroundings } from '../events/places.js';
import { addressText } from '../text/address.js';
import { type Cell, csvName } from './csv-text.js';

/** Of a place. */
export const PLACE_COLUMNS = [
  'capture',
  'vlan',
  'inner_vlan',
  'tunnel',
  'tunnel_id',
  'inner_tunnel',
  'inner_tunnel_id',
] as const;

/** Of some flows, at the end of a row. */
export const ATTRIBUTION_COLUMNS = [
  'cgroup',
  'unit',
  'container',
  'container_name',
  'pod',
  'pod_name',
  'namespace',
  'pid',
  'comm',
  'listener_pid',
  'listener_comm',
  'uid',
  'orig_src_ip',
  'orig_src_port',
  'orig_dest_ip',
  'orig_dest_port',
] as const;

type Cells<Columns extends readonly string[]> = Readonly<Record<Columns[number], Cell>>;

export function placeCells(
  capture: string | undefined,
  { vlans, tunnels = [] }: Partial<Surroundings> = {},
): Cell[] {
  const [outer, inner] = tunnels;
  const cells: Cells<typeof PLACE_COLUMNS> = {
    capture: csvName(capture),
    vlan: vlans?.outer,
    inner_vlan: vlans?.inner,
    tunnel: outer?.name,
    tunnel_id: outer?.id,
    inner_tunnel: inner?.name,
    inner_tunnel_id: inner?.id,
  };
  return PLACE_COLUMNS.map((name) => cells[name]);
}

/** @param ipVersion of the flow */
export function attributionCells({ owner, original }: Attribution = {}, ipVersion: 4 | 6): Cell[] {
  const cells: Cells<typeof ATTRIBUTION_COLUMNS> = {
    ...ownerCells(owner),
    ...originalCells(original, ipVersion),
  };
  return ATTRIBUTION_COLUMNS.map((name) => cells[name]);
}

function ownerCells(owner: Attribution['owner'] = {}) {
  return {
    cgroup: csvName(owner.cgroup),
    unit: csvName(owner.unit),
    container: csvName(owner.container),
    container_name: csvName(owner.containerName),
    pod: csvName(owner.pod),
    pod_name: csvName(owner.podName),
    namespace: csvName(owner.namespace),
    pid: owner.pid,
    comm: csvName(owner.comm),
    listener_pid: owner.listenerPid,
    listener_comm: csvName(owner.listenerComm),
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
