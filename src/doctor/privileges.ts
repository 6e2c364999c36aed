/** Whether this process may load and attach. */
import { capabilitiesIn, NEEDED_CAPABILITIES } from '../live/capabilities.js';
import { type Finding, NO_PROC } from './finding.js';
import type { Machine } from './machine.js';

const WHAT = 'privileges';
const FIX = 'sudo pping ..., or use the unit share/pping@.service, which grants only these';

/** Of the namespace that a kernel starts with; others have a map of their own (user_namespaces(7)). */
const WHOLE_MAP = /^\s*0\s+0\s+4294967295\s*$/;

export function privileges(machine: Machine): Finding {
  const finding = heldPrivileges(machine);
  const map = machine.read('/proc/self/uid_map');
  if (finding.status !== 'ok' || map === undefined || WHOLE_MAP.test(map)) return finding;
  return {
    what: WHAT,
    status: 'warning',
    found: `${finding.found}, but only in a user namespace, as in a rootless container`,
    fix: 'run pping as root of the host, or in a container that is not rootless',
  };
}

/** In the user namespace at hand. */
function heldPrivileges(machine: Machine): Finding {
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
