/** On the real cgroup2: which id is which path, and back. */
import { execFileSync } from 'node:child_process';
import { chownSync, closeSync, constants, mkdirSync, openSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { libc } from '../../src/libbpf/ffi.js';
import { CgroupPaths, type CgroupPathsOptions } from '../../src/owners/cgroup-paths.js';
import { withoutEnds } from '../../src/owners/connection-services.js';
import { useCgroups } from '../helpers/kernel/cgroup.js';

const STRANGER = 65_534;
const PATH_MAX = 4_096;
const makeCgroup = useCgroups();
const opened: CgroupPaths[] = [];
afterEach(() => {
  for (const paths of opened.splice(0)) paths.close();
  jest.restoreAllMocks();
});

function open(options: CgroupPathsOptions = {}): CgroupPaths {
  const paths = new CgroupPaths(options);
  opened.push(paths);
  return paths;
}

describe('an id', () => {
  test('has the path of its cgroup', () => {
    const paths = open();
    const names = ['web.service', 'a b\\x2dc@1.service/below', 'odd (deleted)', 'ö.scope'];
    const made = names.map((name) => makeCgroup(name));
    expect(made.map(({ id }) => paths.pathOf(id))).toEqual(made.map(({ path }) => path));
  });

  test('has the path that a process in it reads of itself', () => {
    const cgroup = makeCgroup('docker-3fa1.scope');
    const [program = '', ...args] = cgroup.command(['cat', '/proc/self/cgroup']);
    const lines = execFileSync(program, args, { encoding: 'utf8' }).split('\n');
    expect(lines).toContain(`0::${open().pathOf(cgroup.id)}`);
    expect(lines).toContain(`0::${cgroup.path}`);
  });

  test('of the root is /', () => {
    expect(open().pathOf(1n)).toBe('/');
  });

  test('has its whole path, however short its name is told', () => {
    const { id, path } = makeCgroup(`${'a'.repeat(200)}/${'b'.repeat(200)}`);
    const paths = open();
    expect(paths.pathOf(id)).toBe(path);
    expect(paths.namesOf(id)?.cgroup).toMatch(/a{9}\.\.\.b{9}/);
    expect(paths.namesOf(id)?.cgroup).toHaveLength(256);
  });

  test('has the names that are to be told of its path', () => {
    const { id, path } = makeCgroup('sshd@3-192.0.2.7:22-198.51.100.3:50346.service');
    const paths = open({ toldOf: withoutEnds });
    expect(paths.namesOf(id)).toEqual({ cgroup: withoutEnds(path), unit: 'sshd@3-*.service' });
    expect(paths.pathOf(id)).toBe(path);
  });

  test('of a file, and 0, are of no cgroup', () => {
    const { directory } = makeCgroup('web.service');
    const { ino } = statSync(`${directory}/cgroup.procs`, { bigint: true });
    const paths = open();
    expect([paths.pathOf(ino), paths.pathOf(0n)]).toEqual([undefined, undefined]);
  });

  test('has its name also when the cgroup is gone, and none if nobody asked before', () => {
    const paths = open();
    const [known, unknown] = [makeCgroup('known.service'), makeCgroup('unknown.service')];
    paths.pathOf(known.id);
    rmdirSync(known.directory);
    rmdirSync(unknown.directory);
    expect(paths.pathOf(known.id)).toBe(known.path);
    expect(paths.pathOf(unknown.id)).toBeUndefined();
  });

  test('is forgotten when others were asked for since', () => {
    const paths = open({ limit: 2 });
    const made = ['a', 'b', 'c'].map((name) => makeCgroup(name));
    const [a, b, c] = made.map(({ id }) => id) as [bigint, bigint, bigint];
    for (const id of [a, b, a, c]) paths.pathOf(id);
    for (const { directory } of made) rmdirSync(directory);
    expect([a, b, c].map((id) => paths.pathOf(id))).toEqual([
      made[0]?.path,
      undefined,
      made[2]?.path,
    ]);
  });

  test('that is not there is asked for again after a second', () => {
    const asked = jest.spyOn(libc, 'open_by_handle_at');
    let now = 0;
    const paths = open({ clock: () => now });
    const { id, directory } = makeCgroup('gone.service');
    rmdirSync(directory);
    const askedAt = [0, 0, 999, 1_000, 1_999, 2_000].map((time) => {
      now = time;
      expect(paths.pathOf(id)).toBeUndefined();
      return asked.mock.calls.length;
    });
    expect(askedAt).toEqual([1, 1, 1, 2, 2, 3]);
  });

  test('has no name where its path is longer than the kernel tells, and is no error', () => {
    const { directory } = makeCgroup('top');
    const deep = new DeepCgroup(directory, 2 * PATH_MAX);
    const paths = open();
    expect(paths.namesOf(deep.id)).toBeUndefined();
    expect(paths.containers('')).toEqual(expect.any(Array));
    deep.remove();
  });

  test('is as one object for all that ask, with what the path says', () => {
    const { id, path } = makeCgroup('web.service');
    const paths = open();
    expect(paths.namesOf(id)).toEqual({ cgroup: path, unit: 'web.service' });
    expect(paths.namesOf(id)).toBe(paths.namesOf(id));
  });

  test("below one that is a user's is that user's word", () => {
    const { id, directory } = makeCgroup('a/users/nginx.service');
    chownSync(join(directory, '..'), STRANGER, STRANGER);
    expect(open().namesOf(id)).toMatchObject({ unit: 'users/nginx.service' });
  });

  test("is nobody's after close()", () => {
    const paths = open();
    paths.close();
    expect(paths.pathOf(1n)).toBeUndefined();
  });
});

describe('a path', () => {
  test('has the id and the level, below the root or in the file system', () => {
    const { path, directory, id, level } = makeCgroup('web.service/below');
    const forms = [path, directory, path.slice(1), `${path}/`, `/..${path}/../below`];
    const paths = open();
    const found = { path, id, level };
    expect(forms.map((form) => paths.idOf(form))).toEqual(forms.map(() => found));
    expect(level).toBe(4);
  });

  test('of the root is at level 0', () => {
    const paths = open();
    const point = makeCgroup('any').directory.replace(/\/pping-tests-.*/, '');
    const root = { path: '/', id: 1n, level: 0 };
    expect(['/', point, `${point}/`].map((form) => paths.idOf(form))).toEqual([root, root, root]);
  });

  test('of something else is none', () => {
    const { path } = makeCgroup('web.service');
    const forms = [`${path}x`, `${path}/cgroup.procs`, '/etc', '/proc/self'];
    const paths = open();
    expect(forms.map((form) => paths.idOf(form))).toEqual(forms.map(() => undefined));
  });
});

describe('containers', () => {
  /** No other test's that runs beside this one, and no earlier run's. */
  const OWN = (process.pid % 0x10000).toString(16).padStart(4, '0');
  const A = `${OWN}3fa1${'c0de'.repeat(14)}`;
  const B = `${OWN}3fb2${'c0de'.repeat(14)}`;

  test('are found by the beginning of their ids, each as the outermost of its cgroups', () => {
    const paths = open();
    const outer = makeCgroup(`docker-${A}.scope`);
    makeCgroup('web.service');
    const inner = makeCgroup(`docker-${A}.scope/docker/${B}/init`);
    const cgroup = ({ path, directory, level }: typeof outer, steps = 0) => ({
      path: path
        .split('/')
        .slice(0, level + 1 - steps)
        .join('/'),
      id: statSync(directory + '/..'.repeat(steps), { bigint: true }).ino,
      level: level - steps,
    });
    const byPath = (prefix: string) =>
      paths.containers(prefix).sort((one, other) => one.path.localeCompare(other.path));
    const innerDirectory = cgroup(inner, 1);
    expect(byPath(`${OWN}3fb2`)).toEqual([innerDirectory]);
    const ofA = [cgroup(outer), cgroup(inner, 3)];
    expect(byPath(A)).toEqual(ofA);
    expect(byPath(`${OWN}3f`)).toEqual([...ofA, innerDirectory]);
    expect(byPath(`${OWN}3fc`)).toEqual([]);
  });

  test('are not what users call so', () => {
    const paths = open();
    const own = makeCgroup(`docker-${A}.scope`);
    const manager = makeCgroup(`user@1000.service/docker-${A}.scope`);
    const delegated = makeCgroup(`users/docker-${A}.scope`);
    chownSync(join(delegated.directory, '..'), STRANGER, STRANGER);
    expect(paths.containers(A)).toEqual([{ path: own.path, id: own.id, level: own.level }]);
    expect(paths.containers('user')).toEqual([]);
    expect(paths.namesOf(manager.id)).toMatchObject({ container: `user@1000.service/${A}` });
    expect(paths.namesOf(delegated.id)).toMatchObject({ container: `users/${A}` });
  });

  test('that were seen have their names when they are gone', () => {
    const paths = open();
    const { id, path, directory } = makeCgroup(`docker-${A}.scope`);
    paths.containers('');
    rmdirSync(directory);
    expect(paths.pathOf(id)).toBe(path);
  });
});

/** One whose path is longer than a system call takes: made step by step. */
class DeepCgroup {
  readonly id: bigint;
  readonly #fds: number[] = [];
  static readonly #NAME = 'd'.repeat(200);

  constructor(top: string, bytes: number) {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    this.#fds.push(openSync(top, flags));
    for (let length = top.length; length < bytes; length += DeepCgroup.#NAME.length + 1) {
      mkdirSync(this.#below);
      this.#fds.push(openSync(this.#below, flags));
    }
    this.id = statSync(`/proc/self/fd/${this.#fds.at(-1)}`, { bigint: true }).ino;
  }

  remove(): void {
    closeSync(this.#fds.pop() as number);
    while (this.#fds.length > 0) {
      rmdirSync(this.#below);
      closeSync(this.#fds.pop() as number);
    }
  }

  get #below(): string {
    return `/proc/self/fd/${this.#fds.at(-1)}/${DeepCgroup.#NAME}`;
  }
}
