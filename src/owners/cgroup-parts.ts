/** What the path of a cgroup tells: who made it gave it a name. Pure. */
import type { Owner } from '../attribution/owner.js';

export type CgroupParts = Pick<Owner, 'unit' | 'container' | 'pod'>;

/** `docker-ID.scope`, `libpod-payload-ID`, `....slice:cri-containerd:ID`, or nothing but the id. */
const RUNTIME = /^(.*[-:])?([0-9a-f]{64})(?:\.scope)?$/;
/** systemd-nspawn's: of its own, or of its template. A virtual machine is no container. */
const MACHINE = /^(?:machine-(?!qemu\\x2d)(.+)\.scope|systemd-nspawn@(.+)\.service)$/;
/** With the systemd driver `kubepods-burstable-podUID.slice`; a static pod's UID has no dashes. */
const POD =
  /^(?:[^:]*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice(?::.*)?)?$/;

/** A user's own systemd: all below is made and named by that user. */
const USER_MANAGER = /^user@.*\.service$/;

/**
 * The unit, the container and the pod of a cgroup; undefined is what its path does not tell. What a name says
 * that is another user's comes with the delegated cgroup before it, as user@1000.service/nginx.service.
 *
 * unit: the innermost service; else the innermost scope, a container's only where there is no other;
 * else the innermost slice. `systemctl status` takes it.
 * container: the innermost one's id, 64 digits; of LXC and systemd-nspawn its name.
 * pod: the innermost one's uid, with dashes.
 *
 * @param path below the root of cgroup2, as /system.slice/nginx.service
 * @param believed how many of its names root has given, the last one to a cgroup that is a user's; by default
 *   all but those below a user's own systemd
 */
export function partsOf(path: string, believed: number = Number.POSITIVE_INFINITY): CgroupParts {
  const names = namesIn(path);
  const most = Math.min(believed, believedOf(names));
  const told = (at: number, text: string | undefined) =>
    text === undefined || at < most ? text : `${names[most - 1]}/${text}`;
  const [unit, container, pod] = [unitAt(names), lastContainerAt(names), podAt(names)];
  return {
    unit: told(unit, unitOf(names[unit])),
    container: told(container, containerAt(names, container)),
    pod: told(pod, podOf(names[pod])),
  };
}

/** Whether the cgroup, and what is named before it, is told by root. */
export function isBelieved(path: string, believed: number): boolean {
  const names = namesIn(path);
  return names.length <= Math.min(believed, believedOf(names));
}

function namesIn(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

function believedOf(names: readonly string[]): number {
  const manager = names.findIndex((name) => USER_MANAGER.test(name));
  return manager < 0 ? names.length : manager + 1;
}

/** -1 where there is none; as of the next two. */
function unitAt(names: readonly string[]): number {
  const isScope = (name: string) => name.endsWith('.scope');
  const places = [
    names.findLastIndex((name) => name.endsWith('.service')),
    names.findLastIndex((name, at) => isScope(name) && containerAt(names, at) === undefined),
    names.findLastIndex(isScope),
    names.findLastIndex((name) => name.endsWith('.slice')),
  ];
  return places.find((at) => at >= 0) ?? -1;
}

/** systemd puts a _ before names that could be mistaken for the kernel's files (cg_escape). */
function unitOf(name: string | undefined): string | undefined {
  return name?.replace(/^_/, '');
}

function lastContainerAt(names: readonly string[]): number {
  return names.findLastIndex((_, at) => containerAt(names, at) !== undefined);
}

/** The container that the cgroup at this place of the path was made for. */
function containerAt(names: readonly string[], at: number): string | undefined {
  const [parent, name = '', child] = [names[at - 1], names[at], names[at + 1]];
  const [, prefix = '', id] = RUNTIME.exec(name) ?? [];
  if (id !== undefined) {
    const isMonitor = prefix.endsWith('conmon-');
    const isPodOfPodman = prefix === '' && parent === 'libpod_parent';
    return isMonitor || isPodOfPodman ? undefined : id;
  }
  if (parent === 'lxc' && at === 1) return name;
  if (name.startsWith('lxc.payload.')) return name.slice('lxc.payload.'.length);
  // Its supervisor is systemd-nspawn itself.
  if (parent !== 'machine.slice' || child === 'supervisor') return undefined;
  const [, ofScope, ofService] = MACHINE.exec(name) ?? [];
  return unescaped(ofScope ?? ofService);
}

function podAt(names: readonly string[]): number {
  return names.findLastIndex((name) => POD.test(name));
}

function podOf(name = ''): string | undefined {
  return POD.exec(name)?.[1]?.replaceAll('_', '-');
}

/** systemd.unit(5): what may not stand in a unit's name is written as \x2d. */
function unescaped(text: string | undefined): string | undefined {
  return text?.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
