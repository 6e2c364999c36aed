/** Whether this process may load and attach. */
import { capabilitiesIn, NEEDED_CAPABILITIES } from '../live/capabilities.js';
import { type Finding, NO_PROC } from './finding.js';
import type { Machine } from './machine.js';

const WHAT = 'privileges';
const FIX = 'sudo pping ..., or use the unit share/pping@.service, which grants only these';

export function privileges(machine: Machine): Finding {
  const status = machine.read('/proc/self/status');
  if (status === undefined) return { what: WHAT, status: 'warning', ...NO_PROC };
  const { lacking, isAdministrator } = capabilitiesIn(status);
  // Whether what it does not imply matters, attaching tells.
  if (lacking.length > 0 && isAdministrator) {
    return { what: WHAT, status: 'ok', found: `CAP_SYS_ADMIN, which implies ${list(lacking)}` };
  }
  if (lacking.length > 0) {
    return { what: WHAT, status: 'missing', found: `missing ${list(lacking)}`, fix: FIX };
  }
  const isRoot = /^Uid:\s*\d+\s+0\s/m.test(status);
  const found = isRoot ? 'root' : list(NEEDED_CAPABILITIES);
  return { what: WHAT, status: 'ok', found };
}

function list(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}
