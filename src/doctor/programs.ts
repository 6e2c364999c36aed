/** The real programs, tried: loaded, and attached to the loopback interface for a moment. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../faults.js';
import { installed } from '../installation/installed.js';
import { attach } from '../libbpf/attach.js';
import type { AttachMethod } from '../libbpf/attachment.js';
import { DOCTOR_HINT, KernelError } from '../libbpf/errors.js';
import { claim } from '../libbpf/instances.js';
import { findInterface } from '../libbpf/interfaces.js';
import type { BpfObject } from '../libbpf/object.js';
import { ETHERNET, loadPrograms } from '../live/programs.js';
import { NO_FILTER } from '../sampling/filter.js';
import { DEFAULT_CAPACITY } from '../sampling/policy.js';
import type { Finding } from './finding.js';

const LOADING = 'BPF programs';
const ATTACHING = 'attaching';
const EINVAL = 22;
const TIMEOUT_MS = 30_000;
const CHILD = installed('dist/pping/clsact-trial.js');

export async function tryPrograms(): Promise<Finding[]> {
  let object: BpfObject;
  try {
    object = await loadPrograms(ETHERNET, { capacity: DEFAULT_CAPACITY, filter: NO_FILTER });
  } catch (error) {
    return [{ what: LOADING, status: 'missing', found: reasonOf(error) }];
  }
  try {
    const found = 'accepted by the kernel verifier';
    return [{ what: LOADING, status: 'ok', found }, await tryAttaching(object)];
  } finally {
    object.close();
  }
}

async function tryAttaching(object: BpfObject): Promise<Finding> {
  try {
    await attachForAMoment(object, 'tcx');
    return { what: ATTACHING, status: 'ok', found: 'works with TCX (tested on lo)' };
  } catch (error) {
    // The kernel does not know the kind of link.
    if (error instanceof KernelError && error.errno === EINVAL) return tryClsact();
    return { what: ATTACHING, status: 'missing', found: reasonOf(error) };
  }
}

/** In a network namespace of its own, with which the qdisc goes that attaching adds. */
export async function tryClsact(): Promise<Finding> {
  const what = ATTACHING;
  try {
    // As bin/pping has it: nowhere for a debugger to listen.
    const guard = process.execArgv.filter((option) => option.startsWith('--inspect-port='));
    const argv = ['--net', process.execPath, ...guard, CHILD];
    await promisify(execFile)('unshare', argv, { timeout: TIMEOUT_MS });
    return { what, status: 'ok', found: 'works with clsact filters (tested on a private lo)' };
  } catch (failure) {
    const said = (failure as { stderr?: string }).stderr?.trim() || messageOf(failure);
    const isOurs = (failure as { code?: unknown }).code === CLSACT_FAILED;
    return isOurs
      ? { what, status: 'missing', found: said }
      : { what, status: 'warning', found: `clsact filters, not tested: ${said}` };
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error).replace(DOCTOR_HINT, '');
}

/** How the trial ends where attaching failed, and not the way to it. */
export const CLSACT_FAILED = 3;

export async function attachForAMoment(object: BpfObject, method: AttachMethod): Promise<void> {
  const programs = {
    egress: object.program('pping_egress'),
    ingress: object.program('pping_ingress'),
  };
  const disclaim = claim(Object.values(programs));
  try {
    const attachment = await attach(programs, findInterface('lo').index, method);
    attachment.close();
  } finally {
    disclaim();
  }
}
