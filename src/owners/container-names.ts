/** Names of containers and pods by their ids: read once for each, and kept. Reading never takes long. */
import { BoundedMap } from './bounded-map.js';
import type { CgroupNames } from './cgroup-names.js';
import {
  findRuntimeNames,
  isComplete,
  type RuntimeIds,
  type RuntimeNames,
  type RuntimeNamesSource,
} from './runtime-names.js';
import { TimeShare } from './time-share.js';

export interface ContainerNamesParts {
  readonly sources: readonly RuntimeNamesSource[];
  /** In ms, of any beginning; goes forward only. */
  readonly clock?: () => number;
  /** Containers and pods that are kept. */
  readonly most?: number;
}

const MOST = 8_192;

/** The kubelet names a container when it has started; whoever writes a file may not be done. After the last it is given up. */
const RETRY_PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 16_000];

/** Of the time, reading; and what may be taken at once. */
const SHARE = 0.05;
const MOST_SAVED_MS = 50;

/** As root has named them: what a user says comes with the user's cgroup before it, and is asked of nobody. */
const CONTAINER_ID = /^[0-9a-f]{64}$/;
const POD_UID = /^[0-9a-f-]{32,36}$/;

interface Entry {
  readonly names: RuntimeNames;
  readonly misses: number;
  /** When to look again. */
  readonly at: number;
}

export class ContainerNames {
  readonly #sources: readonly RuntimeNamesSource[];
  readonly #clock: () => number;
  readonly #time: TimeShare;
  readonly #entries: BoundedMap<string, Entry>;

  constructor({ sources, clock = () => performance.now(), most = MOST }: ContainerNamesParts) {
    this.#sources = sources;
    this.#clock = clock;
    this.#time = new TimeShare({ clock, share: SHARE, mostSaved: MOST_SAVED_MS });
    this.#entries = new BoundedMap(most);
  }

  /** Of a cgroup's container and pod, as far as they are known by now. */
  of(cgroup: CgroupNames): RuntimeNames {
    const ids = idsOf(cgroup);
    const key = ids && keyOf(ids);
    if (!ids || key === undefined) return {};
    const known = this.#entries.get(key);
    if (known && this.#clock() < known.at) return known.names;
    return this.#time.spend(() => this.#look(key, ids, known)) ?? known?.names ?? {};
  }

  /** Whether more may be known of it later. */
  mayKnowMore(cgroup: CgroupNames): boolean {
    const ids = idsOf(cgroup);
    const key = ids && keyOf(ids);
    return key !== undefined && this.#entries.get(key)?.at !== Number.POSITIVE_INFINITY;
  }

  /** What was found before stays: of a container that has ended, the files go. */
  #look(key: string, ids: RuntimeIds, before: Entry | undefined): RuntimeNames {
    const names = { ...before?.names, ...findRuntimeNames(this.#sources, ids) };
    const misses = before?.misses ?? 0;
    const pause = isComplete(names, ids) ? undefined : RETRY_PAUSES_MS[misses];
    const at = pause === undefined ? Number.POSITIVE_INFINITY : this.#clock() + pause;
    this.#entries.set(key, { names, misses: misses + 1, at });
    return names;
  }
}

/** Undefined where there is nothing to be named. */
export function idsOf({ container = '', pod = '' }: CgroupNames): RuntimeIds | undefined {
  const ids = {
    container: CONTAINER_ID.test(container) ? container : undefined,
    pod: POD_UID.test(pod) ? pod : undefined,
  };
  return ids.container === undefined && ids.pod === undefined ? undefined : ids;
}

function keyOf({ container, pod }: RuntimeIds): string | undefined {
  return container ?? pod;
}
