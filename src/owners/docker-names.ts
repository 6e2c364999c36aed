/**
 * Docker's DATA-ROOT/containers/ID/config.v2.json (moby, container/container.go). It holds the container's environment
 * and with it its secrets: one field is read, and nothing else kept.
 */
import type { HostFiles } from './host-files.js';
import { fieldsOf, jsonIn, textOf } from './json-fields.js';
import type { RuntimeIds, RuntimeNames, RuntimeNamesSource } from './runtime-names.js';

const SETTINGS = '/etc/docker/daemon.json';
const DATA_ROOT = '/var/lib/docker';
const MOST_BYTES = 2 ** 20;

export class DockerNames implements RuntimeNamesSource {
  readonly #files: HostFiles;
  /** Docker reads it when it starts. */
  #dataRoot: string | undefined;

  constructor(files: HostFiles) {
    this.#files = files;
  }

  find({ container }: RuntimeIds): RuntimeNames {
    if (container === undefined) return {};
    this.#dataRoot ??= this.#readDataRoot();
    const path = `${this.#dataRoot}/containers/${container}/config.v2.json`;
    const { Name: name } = fieldsOf(jsonIn(this.#files.text(path, MOST_BYTES)));
    // From when a container could have names among others' links: /web.
    return { containerName: textOf(textOf(name)?.replace(/^\//, '')) };
  }

  #readDataRoot(): string {
    const settings = fieldsOf(jsonIn(this.#files.text(SETTINGS, MOST_BYTES)));
    return textOf(settings['data-root']) ?? textOf(settings.graph) ?? DATA_ROOT;
  }
}
