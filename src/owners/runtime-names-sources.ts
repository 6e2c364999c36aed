/** Where names of containers and pods may be on this machine. */
import { ContainerdNames } from './containerd-names.js';
import { ContainersStorageNames } from './containers-storage-names.js';
import { DockerNames } from './docker-names.js';
import { HostFiles } from './host-files.js';
import { KubernetesNames } from './kubernetes-names.js';
import type { RuntimeNamesSource } from './runtime-names.js';

/** The cheapest first; what the kubelet alone writes before what is written as users say. */
export function runtimeNamesSources(files: HostFiles = new HostFiles()): RuntimeNamesSource[] {
  return [
    new KubernetesNames(files),
    new DockerNames(files),
    new ContainerdNames(files),
    new ContainersStorageNames(files),
  ];
}
