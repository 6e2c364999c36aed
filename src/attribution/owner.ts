/** Whose connection it is, as far as that is known: what is not is undefined. */
import type { KernelEvent } from '../events/types.js';

/** Of a connection that has a socket on this machine. */
export interface Owner {
  /** The cgroup's path below the root of cgroup2, as /system.slice/nginx.service; the root is /. */
  readonly cgroup?: string | undefined;
  /** Whether that is the cgroup of all that nobody has put elsewhere, as without systemd: it tells nothing apart. */
  readonly isCommonCgroup?: boolean | undefined;
  /** The systemd unit, as nginx.service; of a session its scope, else the slice. */
  readonly unit?: string | undefined;
  /** A container's id, whole: Docker, containerd, CRI-O, Podman; of LXC and systemd-nspawn its name. */
  readonly container?: string | undefined;
  /** As its runtime calls that container; of a pod's container its name in the pod. */
  readonly containerName?: string | undefined;
  /** A Kubernetes pod's uid, with dashes. */
  readonly pod?: string | undefined;
  readonly podName?: string | undefined;
  /** Kubernetes' namespace that the pod is in. */
  readonly namespace?: string | undefined;
  readonly uid?: number | undefined;
  readonly pid?: number | undefined;
  /** The process's name, as in ps -o comm: at most 15 bytes. */
  readonly comm?: string | undefined;
  /** Of a connection that was accepted: the process that has called listen(), which may not be the one that has it. */
  readonly listenerPid?: number | undefined;
  /** The name of that. */
  readonly listenerComm?: string | undefined;
}

/** One end of a connection before the machine has translated its address. */
export interface OriginalEnd {
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
}

/** What is known of the event's flow; undefined where that is nothing, or nothing yet. */
export type AttributionOf = (event: KernelEvent) => Attribution | undefined;

/** What is known of a flow beyond its packets. */
export interface Attribution {
  /** Undefined where the connection has no socket here; empty where it may have one of which nothing is known. */
  readonly owner?: Owner | undefined;
  /**
   * The ends as they were before NAT, where that changed them; in the order of the event that was
   * asked about. Null where two lookups have disagreed, so that none is to be believed.
   */
  readonly original?:
    | { readonly src?: OriginalEnd | undefined; readonly dest?: OriginalEnd | undefined }
    | null
    | undefined;
}
