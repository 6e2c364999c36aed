/** What -i any would watch, and whether this process may open as much as that takes. */
import { messageOf } from '../faults.js';
import { namesText } from '../format/interfaces.js';
import { type Link, listLinks } from '../libbpf/links.js';
import { InterfaceSelection } from '../live/interface-selection.js';
import type { Finding } from './finding.js';
import type { Machine } from './machine.js';

const WHAT = 'interfaces';
const ANY = new InterfaceSelection({ included: ['any'], excluded: [] });
/** One at each hook. */
const DESCRIPTORS_OF_ONE = 2;
/** What a run has open besides. */
const DESCRIPTORS_BESIDE = 100;

export function findInterfaces(machine: Machine, list: () => readonly Link[] = listLinks): Finding {
  try {
    return findingOf(
      list().filter((link) => ANY.matches(link)),
      mostDescriptors(machine),
    );
  } catch (error) {
    return { what: WHAT, status: 'warning', found: `unknown: ${messageOf(error)}` };
  }
}

function findingOf(up: readonly Link[], most: number): Finding {
  const readable = up.filter(({ linkLayer }) => linkLayer !== undefined);
  const others = up.filter(({ linkLayer }) => linkLayer === undefined);
  const found = `${namesText(readable.map(({ name }) => name))}${unreadableText(others)}`;
  const needed = DESCRIPTORS_OF_ONE * readable.length + DESCRIPTORS_BESIDE;
  if (needed <= most) return { what: WHAT, status: 'ok', found };
  return {
    what: WHAT,
    status: 'warning',
    found: `${found}; watching all ${readable.length} needs ${needed} open files, but only ${most} are allowed`,
    fix: `ulimit -n ${needed}`,
  };
}

function unreadableText(links: readonly Link[]): string {
  if (links.length === 0) return '';
  const kinds = links.length === 1 ? 'carries' : 'carry';
  return `; ${namesText(links.map(({ name }) => name))} ${kinds} neither Ethernet nor plain IP`;
}

/** Node itself goes up to the hard limit. */
function mostDescriptors(machine: Machine): number {
  const limits = machine.read('/proc/self/limits') ?? '';
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
}
