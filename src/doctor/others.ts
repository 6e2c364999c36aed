/** Whose programs see packets before pping does, on each interface of this network namespace. */

import { HOOKS, type Hook } from '../core/hooks.js';
import { messageOf } from '../faults.js';
import { predecessorsText } from '../format/visibility.js';
import { filtersAt } from '../libbpf/clsact-filter.js';
import { filtersOfOthers } from '../libbpf/clsact-order.js';
import { type Link, listLinks } from '../libbpf/links.js';
import { tcxBefore } from '../libbpf/tcx-chain.js';
import { count } from '../text/units.js';
import type { Finding } from './finding.js';

const WHAT = 'other programs';
/** A machine may have thousands. */
const MOST_TOLD = 8;
const FIX =
  'usually none needed: pping runs before them on ingress, and on egress where packets do not reach it; it cannot run before XDP';

export function findOthers(): Finding {
  try {
    const told = listLinks().flatMap((link) => {
      const texts = textsOf(link);
      return texts.length > 0 ? [`${link.name}: ${texts.join('; ')}`] : [];
    });
    return findingOf(told);
  } catch (error) {
    return { what: WHAT, status: 'warning', found: `unknown: ${messageOf(error)}` };
  }
}

function findingOf(told: readonly string[]): Finding {
  if (told.length === 0) {
    return { what: WHAT, status: 'ok', found: 'none on the interfaces here' };
  }
  const more = told.length - MOST_TOLD;
  const lines =
    more > 0 ? [...told.slice(0, MOST_TOLD), `and ${count(more, 'more interface')}`] : told;
  return { what: WHAT, status: 'warning', found: lines.join('\n'), fix: FIX };
}

/** Those of other instances of pping are left out. */
function textsOf({ index, xdp }: Link): string[] {
  const hooks = HOOKS.flatMap((hook) => {
    const others = predecessorsAt(index, hook);
    return others.length > 0 ? [`${hook}: ${predecessorsText(others)}`] : [];
  });
  return xdp === undefined ? hooks : [`XDP program ${xdp}`, ...hooks];
}

function predecessorsAt(index: number, hook: Hook) {
  return [...tcxBefore(index, hook), ...filtersOfOthers(filtersAt(index, hook))];
}
