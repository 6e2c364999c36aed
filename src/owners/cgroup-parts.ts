/** What the path of a cgroup tells: who made it gave it a name. Pure. */
import type { Owner } from './owner.js';

export type CgroupParts = Pick<Owner, 'unit' | 'container' | 'pod'>;

/** `docker-ID.scope`, `libpod-payload-ID`, `....slice:cri-containerd:ID`, or nothing but the id. */
const RUNTIME = /^(.*[-:])?([0-9a-f]{64})(?:\.scope)?$/;
/** systemd-nspawn's: of its own, or of its template. A virtual machine is no container. */
const MACHINE = /^(?:machine-(?!qemu\\x2d)(.+)\.scope|systemd-nspawn@(.+)\.service)$/;
/** With the systemd driver `kubepods-burstable-podUID.slice`; a static pod's UID has no dashes. */
const POD =
  /^(?:[^:]*-)?pod([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice(?::.*)?)?$/;

/**
 * The unit, the container and the pod of a cgroup; undefined is what its path does not tell.
 *
 * unit: the innermost service; else the innermost scope, a container's only where there is no other;
 * else the innermost slice. `systemctl status` takes it.
 * container: the innermost one's id, 64 digits; of LXC and systemd-nspawn its name.
 * pod: the innermost one's uid, with dashes.
 *
 * @param path below the root of cgroup2, as /system.slice/nginx.service
 */
export function partsOf(path: string): CgroupParts {
  const names = path.split('/').filter((name) => name !== '');
  return { unit: unitOf(names), container: containerOf(names), pod: podOf(names) };
}

function unitOf(names: readonly string[]): string | undefined {
  const isScope = (name: string) => name.endsWith('.scope');
  const unit =
    names.findLast((name) => name.endsWith('.service')) ??
    names.findLast((name, at) => isScope(name) && containerAt(names, at) === undefined) ??
    names.findLast(isScope) ??
    names.findLast((name) => name.endsWith('.slice'));
  // systemd puts a _ before names that could be mistaken for the kernel's files (cg_escape).
  return unit?.replace(/^_/, '');
}

function containerOf(names: readonly string[]): string | undefined {
  for (let at = names.length - 1; at >= 0; at--) {
    const container = containerAt(names, at);
    if (container !== undefined) return container;
  }
  return undefined;
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

function podOf(names: readonly string[]): string | undefined {
  const name = names.findLast((each) => POD.test(each));
  return POD.exec(name ?? '')?.[1]?.replaceAll('_', '-');
}

/** systemd.unit(5): what may not stand in a unit's name is written as \x2d. */
function unescaped(text: string | undefined): string | undefined {
  return text?.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
