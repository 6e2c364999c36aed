/** One name for whose a connection is: what one groups by, and reads first. */
import type { Attribution, Owner } from './owner.js';

/** As a rule it is only forwarded. */
export const NO_SOCKET = '(no socket here)';
export const NOT_KNOWN = '(not known)';

/** Before the process that listens, as long as it is not known which process has the connection. */
export const LISTENER = 'listener ';

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
  const processText = owner.pid === undefined ? undefined : `pid ${owner.pid}`;
  const { comm, listenerComm } = owner;
  const listenerText = listenerComm === undefined ? undefined : LISTENER + listenerComm;
  return placeOf(owner) ?? comm ?? listenerText ?? nameOf(owner) ?? processText ?? NOT_KNOWN;
}

/** The same with the user, of whom there may be several in a cgroup. */
export function labelWithUser(attribution: Attribution | undefined): string {
  const label = labelOf(attribution);
  const uid = attribution?.owner?.uid;
  const user = `uid ${uid}`;
  return uid === undefined || label === user ? label : `${label} (${user})`;
}

/** Without the process: the place, else the user. Undefined where there is neither. */
export function nameOf(owner: Owner): string | undefined {
  const { cgroup, uid } = owner;
  return placeOf(owner) ?? (uid === undefined ? cgroup : `uid ${uid}`);
}

/** From the narrowest to the widest. Undefined where all of a machine, or of a container, is in one cgroup. */
function placeOf(owner: Owner): string | undefined {
  const { container, containerName, pod, unit, cgroup, isCommonCgroup } = owner;
  const podText = podTextOf(owner);
  if (container !== undefined) {
    const name = containerName ?? shortId(container);
    return `container ${podText === undefined ? name : `${podText}/${name}`}`;
  }
  if (pod !== undefined) return `pod ${podText ?? pod}`;
  if (unit !== undefined) return unit;
  return cgroup === ROOT || isCommonCgroup ? undefined : cgroup;
}

/** Undefined where its name is not known. */
function podTextOf({ podName, namespace }: Owner): string | undefined {
  return podName === undefined || namespace === undefined ? undefined : `${namespace}/${podName}`;
}

/** With the user whose container it is, if that is not root. */
function shortId(container: string): string {
  const [id = '', ...before] = container.split('/').reverse();
  return [...before.reverse(), id.slice(0, SHORT_ID)].join('/');
}
