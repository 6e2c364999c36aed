/**
 * Podman and CRI-O keep their containers in containers-storage. containers.json has their names, those of containers
 * that go when they end volatile-containers.json, which is in RUNROOT where storage is transient (containers.go).
 * Of Kubernetes' own names CRI-O leaves the kubelet's labels in config.json (internal/factory/container).
 */
import { boundedName } from './bounded-name.js';
import type { HostFiles } from './host-files.js';
import { fieldsOf, jsonIn, textOf } from './json-fields.js';
import { KeptReading } from './kept-reading.js';
import type { RuntimeIds, RuntimeNames, RuntimeNamesSource } from './runtime-names.js';

const GRAPH_ROOT = '/var/lib/containers/storage/overlay-containers';
const RUN_ROOT = '/run/containers/storage/overlay-containers';
const LISTS = [
  `${GRAPH_ROOT}/containers.json`,
  `${GRAPH_ROOT}/volatile-containers.json`,
  `${RUN_ROOT}/volatile-containers.json`,
];
const MOST_BYTES = 2 ** 20;
/** Some 1,000 bytes for each container. */
const MOST_BYTES_OF_LIST = 2 ** 21;

type NamesById = ReadonlyMap<string, string>;

export class ContainersStorageNames implements RuntimeNamesSource {
  readonly #files: HostFiles;
  readonly #lists: readonly KeptReading<NamesById>[];

  constructor(files: HostFiles) {
    this.#files = files;
    const read = (path: string) => namesIn(files.text(path, MOST_BYTES_OF_LIST));
    this.#lists = LISTS.map((path) => new KeptReading(files, path, read));
  }

  find({ container }: RuntimeIds): RuntimeNames {
    if (container === undefined) return {};
    const ofKubernetes = this.#annotated(container);
    return ofKubernetes.containerName === undefined
      ? { ...ofKubernetes, containerName: this.#listed(container) }
      : ofKubernetes;
  }

  #annotated(container: string): RuntimeNames {
    const path = `${GRAPH_ROOT}/${container}/userdata/config.json`;
    const config = fieldsOf(jsonIn(this.#files.text(path, MOST_BYTES)));
    const annotations = fieldsOf(config.annotations);
    return {
      containerName: textOf(annotations['io.kubernetes.container.name']),
      podName: textOf(annotations['io.kubernetes.pod.name']),
      namespace: textOf(annotations['io.kubernetes.pod.namespace']),
    };
  }

  #listed(container: string): string | undefined {
    for (const list of this.#lists) {
      const name = list.get()?.get(container);
      if (name !== undefined) return name;
    }
    return undefined;
  }
}

function namesIn(text: string | undefined): NamesById {
  const containers = jsonIn(text);
  const byId = new Map<string, string>();
  for (const each of Array.isArray(containers) ? (containers as unknown[]) : []) {
    const { id, names } = fieldsOf(each);
    const name = Array.isArray(names) ? textOf((names as unknown[])[0]) : undefined;
    if (typeof id === 'string' && name !== undefined) byId.set(id, boundedName(name));
  }
  return byId;
}
