/** Whose a connection is as JSON; the schema is docs/ndjson.md. */
import type { Attribution, OriginalEnd, Owner } from '../attribution/owner.js';
import { addressText } from '../text/address.js';
import { asciiJson } from '../text/ascii.js';

/** In the order of a line; absent where they are not known. */
const OWNER_FIELDS = [
  ['cgroup', 'cgroup'],
  ['unit', 'unit'],
  ['container', 'container'],
  ['container_name', 'containerName'],
  ['pod', 'pod'],
  ['pod_name', 'podName'],
  ['namespace', 'namespace'],
  ['pid', 'pid'],
  ['comm', 'comm'],
  ['listener_pid', 'listenerPid'],
  ['listener_comm', 'listenerComm'],
  ['uid', 'uid'],
] as const satisfies readonly (readonly [field: string, key: keyof Owner])[];

/** Each with a comma before it; ends in the order of the line. */
export function attributionFields({ owner, original }: Attribution = {}, ipVersion: 4 | 6): string {
  return (owner ? ownerFields(owner) : '') + originalFields(original, ipVersion);
}

export function ownerFields(owner: Owner): string {
  const known = OWNER_FIELDS.filter(([, key]) => owner[key] !== undefined);
  return known.map(([field, key]) => `,"${field}":${jsonOf(owner[key])}`).join('');
}

function jsonOf(value: string | number | undefined): string {
  return typeof value === 'string' ? asciiJson(value) : String(value);
}

function originalFields(original: Attribution['original'], ipVersion: 4 | 6): string {
  if (original === undefined) return '';
  const { src, dest } = original ?? { src: null, dest: null };
  return endFields('src', src, ipVersion) + endFields('dest', dest, ipVersion);
}

function endFields(
  name: 'src' | 'dest',
  end: OriginalEnd | null | undefined,
  ipVersion: 4 | 6,
): string {
  if (end === undefined) return '';
  if (end === null) return `,"orig_${name}_ip":null,"orig_${name}_port":null`;
  const address = addressText(end.address, ipVersion);
  return `,"orig_${name}_ip":"${address}","orig_${name}_port":${end.port}`;
}
