/** Several interfaces of one run, as JSON; the schema is docs/ndjson.md. */
import { asciiJson } from '../text/ascii.js';
import type { InterfaceChange, InterfaceTally } from '../visibility/interface-change.js';
import { interfaceFields } from './seen-at.js';

/** The fields after those that every object has, and the interface's name. */
export function changeFields(change: InterfaceChange): string {
  const what = `"change":"${change.change}"`;
  if (change.change === 'attached') return what;
  if (change.change === 'renamed') return `${what},"to":${asciiJson(change.to)}`;
  return `${what},"reason":${asciiJson(change.reason)}`;
}

/** With the comma before it; empty where there is but one interface. */
export function talliesField(tallies: readonly InterfaceTally[] = []): string {
  if (tallies.length === 0) return '';
  return `,"interfaces":[${tallies.map(tallyObject).join(',')}]`;
}

function tallyObject({ name, netns, egress, ingress, bytes, isWatched }: InterfaceTally): string {
  const named = interfaceFields({ netns, interface: name || undefined });
  return `{${named}"egress":${egress},"ingress":${ingress},"bytes":${bytes},"watched":${isWatched}}`;
}
