/** Whether pping -i would run here, and what to do where it would not. */
import { manifest } from '../installation/installed.js';
import { ownVersion } from '../installation/versions.js';
import { OBJECT } from '../live/requirements.js';
import { type Capacity, DEFAULT_CAPACITY } from '../sampling/policy.js';
import { type Finding, missing } from './finding.js';
import {
  architecture,
  configuration,
  kernelVersion,
  lockdown,
  processors,
  typeInformation,
} from './kernel.js';
import { libraries } from './libraries.js';
import { type Machine, thisMachine } from './machine.js';
import { memory } from './memory.js';
import { privileges } from './privileges.js';
import { nodeVersion, programFile } from './software.js';
import { compiler, tcpTimestamps } from './switches.js';

/** Says all that can be said; the programs themselves are tried only where nothing is missing. */
export async function examine(capacity = DEFAULT_CAPACITY): Promise<readonly Finding[]> {
  const own: Finding = { what: 'pping', status: 'ok', found: ownVersion() };
  const machine = inspect(thisMachine, manifest, OBJECT, capacity);
  const findings = [own, ...machine, ...(await libraries())];
  return [...findings, ...(await trial(findings))];
}

/** What files and versions show. */
export function inspect(
  machine: Machine,
  manifest: string,
  object: string,
  capacity: Capacity,
): Finding[] {
  const findings = [
    privileges(machine),
    kernelVersion(machine),
    architecture(machine),
    processors(machine),
    typeInformation(machine),
    configuration(machine),
    lockdown(machine),
    compiler(machine),
    tcpTimestamps(machine),
    memory(machine, capacity),
    nodeVersion(machine, manifest),
    programFile(machine, object),
  ];
  return findings.filter((finding) => finding !== undefined);
}

async function trial(findings: readonly Finding[]): Promise<Finding[]> {
  const lacking = missing(findings).map(({ what }) => what);
  if (lacking.length > 0) {
    const found = `not tested: missing ${lacking.join(', ')}`;
    return [{ what: 'BPF programs', status: 'warning', found }];
  }
  const { tryPrograms } = await import('./programs.js');
  const tried = await tryPrograms();
  if (missing(tried).length > 0) return tried;
  const { tryOwners } = await import('./owners.js');
  const { findOthers } = await import('./others.js');
  const { findInterfaces } = await import('./interfaces.js');
  return [...tried, findInterfaces(thisMachine), findOthers(), ...(await tryOwners())];
}
