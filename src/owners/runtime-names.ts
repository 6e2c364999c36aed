/** Names of containers and pods, as whoever runs them keeps them in files: never asked of a runtime itself. */
import type { Owner } from '../attribution/owner.js';
import { boundedName } from './bounded-name.js';

export type RuntimeNames = Pick<Owner, 'containerName' | 'podName' | 'namespace'>;

/** What a name is looked for by; at least one of them. */
export interface RuntimeIds {
  /** 64 digits. */
  readonly container: string | undefined;
  /** With dashes. */
  readonly pod: string | undefined;
}

/** One place where names may be. */
export interface RuntimeNamesSource {
  /** What it knows; as it is written there, of any length. */
  find(ids: RuntimeIds): RuntimeNames;
}

/** Of each name the first that is found, bounded. Asks no more than it has to. */
export function findRuntimeNames(
  sources: readonly RuntimeNamesSource[],
  ids: RuntimeIds,
): RuntimeNames {
  let found: RuntimeNames = {};
  for (const source of sources) {
    if (isComplete(found, ids)) break;
    found = { ...known(source.find(ids)), ...found };
  }
  return found;
}

/** Whether all is known that there may be. */
export function isComplete(
  { containerName, podName, namespace }: RuntimeNames,
  { container, pod }: RuntimeIds,
): boolean {
  const isPodKnown = podName !== undefined && namespace !== undefined;
  return (
    (container === undefined || containerName !== undefined) && (pod === undefined || isPodKnown)
  );
}

function known({ containerName, podName, namespace }: RuntimeNames): RuntimeNames {
  return {
    ...(containerName !== undefined && { containerName: boundedName(containerName) }),
    ...(podName !== undefined && { podName: boundedName(podName) }),
    ...(namespace !== undefined && { namespace: boundedName(namespace) }),
  };
}
