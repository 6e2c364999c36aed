/**
 * The kubelet's own names of logs: of each container /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log, a link, made
 * when it has started (pkg/kubelet/kuberuntime/legacy.go); of each pod /var/log/pods/NAMESPACE_POD_UID, made before
 * (helpers.go). Any user can list them, as a rule. What they lead to is not looked at.
 */
import type { HostFiles } from './host-files.js';
import { KeptReading } from './kept-reading.js';
import type { RuntimeIds, RuntimeNames, RuntimeNamesSource } from './runtime-names.js';

const CONTAINERS = '/var/log/containers';
const PODS = '/var/log/pods';
/** A node has 110 pods by default. */
const MOST_LOGS = 16_384;

/** No name of Kubernetes' has a _. A longer one than 255 bytes lacks its end, and with it the id. */
const CONTAINER_LOG = /^([^_]+)_([^_]+)_([^_]+)-([0-9a-f]{64})\.log$/;
/** That of a static pod has no dashes. */
const POD_LOGS = /^([^_]+)_([^_]+)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/;

type ById = ReadonlyMap<string, RuntimeNames>;

export class KubernetesNames implements RuntimeNamesSource {
  readonly #containers: KeptReading<ById>;
  readonly #pods: KeptReading<ById>;

  constructor(files: HostFiles) {
    const readAs = (parse: typeof containerIn) => (path: string) =>
      new Map(files.namesIn(path, MOST_LOGS).flatMap(parse));
    this.#containers = new KeptReading(files, CONTAINERS, readAs(containerIn));
    this.#pods = new KeptReading(files, PODS, readAs(podIn));
  }

  find({ container, pod }: RuntimeIds): RuntimeNames {
    const ofContainer =
      container === undefined ? undefined : this.#containers.get()?.get(container);
    if (ofContainer) return ofContainer;
    return (pod === undefined ? undefined : this.#pods.get()?.get(pod)) ?? {};
  }
}

function containerIn(log: string): [id: string, names: RuntimeNames][] {
  const [, podName, namespace, containerName, id] = CONTAINER_LOG.exec(log) ?? [];
  return id === undefined ? [] : [[id, { containerName, podName, namespace }]];
}

function podIn(logs: string): [uid: string, names: RuntimeNames][] {
  const [, namespace, podName, uid] = POD_LOGS.exec(logs) ?? [];
  return uid === undefined ? [] : [[uid, { podName, namespace }]];
}
