/** What is asked of this machine, so that another can be made up. */
import { readFileSync } from 'node:fs';
import { arch, platform, release } from 'node:os';
import { gunzipSync } from 'node:zlib';

export interface Machine {
  readonly platform: string;
  /** As uname -r has it. */
  readonly kernel: string;
  readonly architecture: string;
  /** Node's version. */
  readonly node: string;
  /** A file's text, unpacked where its name ends in .gz; undefined where it cannot be read. */
  read(path: string): string | undefined;
}

/** As people say it. */
export function kernelName({ platform, kernel }: Machine): string {
  return `${platform === 'linux' ? 'Linux' : platform} ${kernel}`;
}

export const thisMachine: Machine = {
  platform: platform(),
  kernel: release(),
  architecture: arch(),
  node: process.versions.node,
  read(path) {
    try {
      const bytes = readFileSync(path);
      return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    } catch {
      return undefined;
    }
  },
};
