/** One name for whose a connection is: what one groups by, and reads first. */
import type { Attribution, Owner } from './owner.js';

/** As a rule it is only forwarded. */
export const NO_SOCKET = '(no socket here)';
export const NOT_KNOWN = '(not known)';

/** As docker ps and podman ps have it. */
const SHORT_ID = 12;
const ROOT = '/';

/**
 * @param attribution undefined where nothing is known, or nothing yet
 * @returns the names of others as they are: to be escaped where they are shown
 */
export function labelOf(attribution: Attribution | undefined): string {
  if (attribution === undefined) return NOT_KNOWN;
  const { owner } = attribution;
  if (owner === undefined) return NO_SOCKET;
  return nameOf(owner) ?? owner.comm ?? (owner.pid === undefined ? NOT_KNOWN : `pid ${owner.pid}`);
}

/** From the narrowest to the widest; all of a machine is in the root. Undefined where there is none of these. */
export function nameOf({ container, pod, unit, cgroup, uid }: Owner): string | undefined {
  if (container !== undefined) return `container ${shortId(container)}`;
  if (pod !== undefined) return `pod ${pod}`;
  if (unit !== undefined) return unit;
  if (cgroup !== undefined && cgroup !== ROOT) return cgroup;
  return uid === undefined ? cgroup : `uid ${uid}`;
}

/** With the user whose container it is, if that is not root. */
function shortId(container: string): string {
  const [id = '', ...before] = container.split('/').reverse();
  return [...before.reverse(), id.slice(0, SHORT_ID)].join('/');
}
