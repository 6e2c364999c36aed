/** Cgroups of a test's own, in the machine's cgroup2: needs root. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { until } from '../../../lab/until.js';
import { findCgroupMount } from '../../../src/owners/cgroup-mount.js';

/** Below the root: all that this process makes is in there. Of several, one would remove it while another makes something in it. */
const FOLDER = `pping-tests-${process.pid}`;

export interface TestCgroup {
  /** Below the root of cgroup2. */
  readonly path: string;
  readonly directory: string;
  readonly id: bigint;
  /** How deep it is: that of the root is 0. */
  readonly level: number;
  /** The argv that runs the given one in it. As a namespace's command(): it execs. */
  command(argv: readonly string[]): string[];
  /** Waits until the processes in it and below have ended; then removes it and what is below. */
  remove(): Promise<void>;
}

let made = 0;

/** @param name what its path ends with, such as docker-ID.scope; may have several parts */
export function makeCgroup(name: string): TestCgroup {
  const own = `/${FOLDER}/${++made}`;
  return makeAt(`${own}/${name}`, () => remove(join(mountPoint(), own)));
}

/** Below another one, with which it ends. */
export function makeCgroupIn({ path, remove }: TestCgroup, name: string): TestCgroup {
  return makeAt(`${path}/${name}`, remove);
}

function makeAt(path: string, remove: TestCgroup['remove']): TestCgroup {
  const directory = join(mountPoint(), path);
  mkdirSync(directory, { recursive: true });
  return {
    path,
    directory,
    id: statSync(directory, { bigint: true }).ino,
    level: path.split('/').length - 1,
    command: (argv) => ['sh', '-c', ENTER, directory, ...argv],
    remove,
  };
}

/** @returns makeCgroup, of cgroups that end with the test */
export function useCgroups(): (name: string) => TestCgroup {
  const cgroups: TestCgroup[] = [];
  afterEach(async () => {
    for (const cgroup of cgroups.splice(0)) await cgroup.remove();
  });
  return (name) => {
    const cgroup = makeCgroup(name);
    cgroups.push(cgroup);
    return cgroup;
  };
}

/** From within, since a process is there before it is another program. */
const ENTER = 'echo $$ > "$0/cgroup.procs" && exec "$@"';

function mountPoint(): string {
  const mount = findCgroupMount();
  if (mount?.level !== 0) throw new Error('these tests need all of cgroup2, mounted');
  return mount.point;
}

/** Removed already is as well. */
async function remove(directory: string): Promise<void> {
  const events = join(directory, 'cgroup.events');
  const isEmpty = () => readFileSync(events, 'utf8').includes('populated 0');
  if (statSync(directory, { throwIfNoEntry: false }) !== undefined) {
    await until(isEmpty, `the end of all processes in ${directory}`);
    removeTree(directory);
  }
  tolerantly(() => rmdirSync(join(directory, '..')));
}

/** What is not a directory goes with it. */
function removeTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) removeTree(join(directory, entry.name));
  }
  rmdirSync(directory);
}

/** Other cgroups are in there; or it is gone with the last of them. */
function tolerantly(removing: () => void): void {
  try {
    removing();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['EBUSY', 'ENOTEMPTY', 'ENOENT'].includes(code)) throw error;
  }
}
