/**
 * What containerd runs a container with: STATE/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json
 * (core/runtime/v2/bundle.go), in which its CRI plugin (internal/cri/annotations) and nerdctl (pkg/labels) leave names.
 */
import type { HostFiles } from './host-files.js';
import { fieldsOf, jsonIn, textOf } from './json-fields.js';
import type { RuntimeIds, RuntimeNames, RuntimeNamesSource } from './runtime-names.js';

const TASKS = '/run/containerd/io.containerd.runtime.v2.task';
const MOST_NAMESPACES = 64;
const MOST_BYTES = 2 ** 20;

/** containerd's own namespace of what Kubernetes runs; of others images may say what they like in CRI's words. */
const KUBERNETES = 'k8s.io';

export class ContainerdNames implements RuntimeNamesSource {
  readonly #files: HostFiles;

  constructor(files: HostFiles) {
    this.#files = files;
  }

  find({ container }: RuntimeIds): RuntimeNames {
    if (container === undefined) return {};
    for (const namespace of this.#files.namesIn(TASKS, MOST_NAMESPACES)) {
      const path = `${TASKS}/${namespace}/${container}/config.json`;
      const text = this.#files.text(path, MOST_BYTES);
      if (text !== undefined) return namesIn(text, namespace === KUBERNETES);
    }
    return {};
  }
}

function namesIn(text: string, isKubernetes: boolean): RuntimeNames {
  const annotations = fieldsOf(fieldsOf(jsonIn(text)).annotations);
  const ofNerdctl = textOf(annotations['nerdctl/name']);
  if (!isKubernetes) return { containerName: ofNerdctl };
  return {
    containerName: textOf(annotations['io.kubernetes.cri.container-name']) ?? ofNerdctl,
    podName: textOf(annotations['io.kubernetes.cri.sandbox-name']),
    namespace: textOf(annotations['io.kubernetes.cri.sandbox-namespace']),
  };
}
