/** What is attached, asked of the kernel and not of pping. */
import { readdirSync, readFileSync } from 'node:fs';
import { COUNTED, type Counters } from '../src/core/counters.js';
import type { Hook } from '../src/core/hooks.js';
import { PRIORITY } from '../src/libbpf/clsact-order.js';
import { check } from '../src/libbpf/errors.js';
import { libbpf, libc } from '../src/libbpf/ffi.js';
import { readCounters } from '../src/maps/counters.js';
import { byId } from './by-id.js';
import type { Namespace } from './netns.js';

const ENOENT = 2;
/** struct bpf_map_info (linux/bpf.h) */
const MAP_INFO = { maxEntries: 16, size: 80 } as const;

/** The ids of the BPF programs that a process holds open, attached ones included. */
export function programsOf(pid: number): number[] {
  return idsIn(pid, 'prog_id');
}

/** The ids of the BPF links that a process holds open. */
export function linksOf(pid: number): number[] {
  return idsIn(pid, 'link_id');
}

/** What the kernel has counted for a process, read without its help. */
export function countersOf(pid: number): Counters {
  const [id, ...others] = idsIn(pid, 'map_id', `\nvalue_size:\t${8 * COUNTED.length}\n`);
  if (id === undefined || others.length > 0) throw new Error(`which map of ${pid} counts?`);
  const fd = check('open a map', byId().bpf_map_get_fd_by_id(id));
  try {
    return readCounters({ fd });
  } finally {
    libc.close(fd);
  }
}

/** The one map that a process holds open whose keys have so many bytes. The caller closes it. */
export function openMapOf(pid: number, keyBytes: number): number {
  const [id, ...others] = idsIn(pid, 'map_id', `\nkey_size:\t${keyBytes}\n`);
  if (id === undefined || others.length > 0) throw new Error(`which map of ${pid}?`);
  return check('open a map', byId().bpf_map_get_fd_by_id(id));
}

/** Takes off the link that a process has at a hook, as any program may that is allowed to. */
export function detachLink(pid: number, hook: Hook): void {
  const id = idsIn(pid, 'link_id', `(${hook})`)[0];
  if (id === undefined) throw new Error(`process ${pid} has no link at ${hook}`);
  const fd = check('open a link', byId().bpf_link_get_fd_by_id(id));
  try {
    check('detach a link', byId().bpf_link_detach(fd));
  } finally {
    libc.close(fd);
  }
}

/** @param having leaves out all descriptors that the kernel says something else of */
function idsIn(pid: number, field: string, having = ''): number[] {
  const folder = `/proc/${pid}/fdinfo`;
  const ids = readdirSync(folder).flatMap((fd) => {
    const info = readInfo(`${folder}/${fd}`);
    const id = new RegExp(`^${field}:\\s*(\\d+)$`, 'm').exec(info)?.[1];
    return id === undefined || !info.includes(having) ? [] : [Number(id)];
  });
  return [...new Set(ids)];
}

/** Whether the kernel still has it: it does for as long as anything holds or runs it. */
export function isLoaded(program: number): boolean {
  const fd = libbpf().bpf_prog_get_fd_by_id(program);
  if (fd === -ENOENT) return false;
  if (fd < 0) throw new Error(`program ${program}: errno ${-fd}`);
  libc.close(fd);
  return true;
}

/**
 * How many maps of this size are loaded. A link holds its program, and a program its maps: where a
 * run's flow map is of a size that no other has, and is gone, nothing of that run is left.
 */
export function mapsOfSize(entries: number): number {
  let found = 0;
  for (let id = nextMap(0); id > 0; id = nextMap(id)) {
    const fd = byId().bpf_map_get_fd_by_id(id);
    if (fd < 0) continue; // gone since
    const info = Buffer.alloc(MAP_INFO.size);
    const length = Buffer.from(Uint32Array.of(MAP_INFO.size).buffer);
    const status = libbpf().bpf_obj_get_info_by_fd(fd, info, length);
    libc.close(fd);
    if (status < 0) throw new Error(`map ${id}: errno ${-status}`);
    if (new Uint32Array(info.buffer, info.byteOffset)[MAP_INFO.maxEntries / 4] === entries) found++;
  }
  return found;
}

/** Of maps, and so of flows: a size that none but the runs of this process ask for. */
export const OWN_MAP_SIZE = 100_003 + (process.pid % 100_000) * 10;
/** So many maps of a run are of the size that --max-flows says: flows, the list of free cells, and losses. */
export const MAPS_OF_RUN = 3;

function nextMap(id: number): number {
  const next = new Uint32Array(1);
  const status = byId().bpf_map_get_next_id(id, Buffer.from(next.buffer));
  return status < 0 ? 0 : (next[0] ?? 0);
}

/** What ppingFilters gives where there are none. */
export const NO_FILTERS = { egress: [], ingress: [] };

/** The handles of pping's filters at both hooks of an interface. */
export async function ppingFilters(
  namespace: Namespace,
  name: string,
): Promise<{ egress: string[]; ingress: string[] }> {
  const [egress, ingress] = await Promise.all(
    ['egress', 'ingress'].map(async (hook) => {
      const text = await namespace.run(['tc', 'filter', 'show', 'dev', name, hook]);
      const filters = text.matchAll(new RegExp(` handle (0x\\w+) .* name pping_${hook} `, 'g'));
      return Array.from(filters, ([, handle = '']) => handle).sort();
    }),
  );
  return { egress: egress ?? [], ingress: ingress ?? [] };
}

/** All that tc has on an interface that is not pping's. */
export async function foreignTc(namespace: Namespace, name: string): Promise<string> {
  const show = (what: readonly string[]) => namespace.run(['tc', ...what]);
  const texts = await Promise.all([
    show(['qdisc', 'show', 'dev', name]),
    show(['class', 'show', 'dev', name]),
    show(['filter', 'show', 'dev', name]),
    show(['filter', 'show', 'dev', name, 'egress']),
    show(['filter', 'show', 'dev', name, 'ingress']),
  ]);
  const isOurs = (line: string) => line.includes(` pref ${PRIORITY} `) && !line.includes('foreign');
  return texts.flatMap((text) => text.split('\n').filter((line) => !isOurs(line))).join('\n');
}

/** A descriptor may be closed while we look. */
function readInfo(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
