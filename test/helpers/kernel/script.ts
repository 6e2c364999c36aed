/** Code of src/libbpf/ for a process of its own, in whatever network namespace that runs. */
import { join } from 'node:path';
import { repositoryRoot } from '../../../lab/places.js';

/** The argv that runs it. */
export function script(code: string): string[] {
  return [process.execPath, '--input-type=module', '-e', code];
}

/** Of a file of src/libbpf/ as make build leaves it: a literal for the code's imports. */
export function builtPath(file: string): string {
  return JSON.stringify(join(repositoryRoot, 'dist/src/libbpf', file));
}
