/** Files of /etc, of our own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type EtcFiles = Readonly<Partial<Record<'hosts' | 'resolv.conf' | 'nsswitch.conf', string>>>;

const BIND = `
for name in $1; do mount --bind "$0/$name" "/etc/$name" || exit; done
shift
exec "$@"`;

/** What a command is started through, to have these files in /etc. @param folder an empty one, to keep them in */
export function throughEtc(folder: string, files: EtcFiles): string[] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return ['unshare', '--mount', 'sh', '-c', BIND, folder, Object.keys(files).join(' ')];
}
