/** A kernel that has no conntrack for BPF programs, as far as it says which functions it has. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const TYPES = ['/sys/kernel/btf/vmlinux', '/sys/kernel/btf/nf_conntrack'];
const FUNCTIONS = ['bpf_skb_ct_lookup', 'bpf_ct_release'];

/**
 * What a command is started through: in a mount namespace where these functions have other names.
 * @param file what begins the names of files that hold them
 */
export function withoutConntrack(file: string): string[] {
  const mounts = TYPES.filter(existsSync).map((path, at) => {
    const types = readFileSync(path);
    for (const name of FUNCTIONS) rename(types, name);
    const other = `${file}${at}`;
    writeFileSync(other, types);
    return `mount --bind ${other} ${path} && `;
  });
  return ['unshare', '--mount', 'sh', '-c', `${mounts.join('')}exec "$@"`, 'sh'];
}

/** In the table of names, in which each is between zero bytes. */
function rename(types: Buffer, name: string): void {
  const at = types.indexOf(`\0${name}\0`);
  if (at >= 0) types.write('x', at + 1);
}
