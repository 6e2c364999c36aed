/** Ids and paths of cgroups for a process that may or sees less than all. Real: each is a process of its own. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { repositoryRoot } from '../../lab/places.js';
import { type TestCgroup, useCgroups } from '../helpers/kernel/cgroup.js';
import { useTemporaryFolder } from '../helpers/runner/temporary.js';

const module = pathToFileURL(join(repositoryRoot, 'dist/src/owners/cgroup-paths.js'));
const makeCgroup = useCgroups();
const temporary = useTemporaryFolder();

/**
 * Runs code with a CgroupPaths, `paths`; its clock, `now`; `top`, a directory; and make(), which makes a cgroup
 * there and gives its id.
 *
 * @returns what the code returns, as JSON has it
 */
function inside(through: readonly string[], top: string, code: string): unknown {
  const script = `
    import { mkdirSync, rmdirSync, statSync } from 'node:fs';
    import { CgroupPaths } from '${module}';
    let now = 0;
    const top = process.argv[1];
    const paths = new CgroupPaths({ clock: () => now });
    const idOf = (name) => statSync(top + '/' + name, { bigint: true }).ino;
    const make = (name) => { mkdirSync(top + '/' + name); return idOf(name); };
    const result = (() => { ${code} })();
    console.log(JSON.stringify(result, (_, value) => typeof value === 'bigint' ? Number(value) : value ?? null));
  `;
  const [program = '', ...args] = [...through, process.execPath];
  args.push('--input-type=module', '--eval', script, top);
  return JSON.parse(execFileSync(program, args, { encoding: 'utf8' }));
}

describe('without CAP_DAC_READ_SEARCH', () => {
  const through = ['setpriv', '--bounding-set=-dac_read_search', '--inh-caps=-dac_read_search'];

  test('paths are found by walking, and kept', () => {
    const { path, directory } = makeCgroup('top');
    const code = `
      const [first, second, third] = ['first', 'second', 'third'].map(make);
      const found = [paths.pathOf(first)];
      rmdirSync(top + '/second');
      rmdirSync(top + '/first');
      return [...found, ...[first, second, third, 1n].map((id) => paths.pathOf(id))];
    `;
    const [first, second, third] = ['first', 'second', 'third'].map((name) => `${path}/${name}`);
    expect(inside(through, directory, code)).toEqual([first, first, second, third, '/']);
  });

  test('the next walk waits, and what one has not found waits for a second', () => {
    const { path, directory } = makeCgroup('top');
    const code = `
      const gone = make('gone');
      rmdirSync(top + '/gone');
      const at = (time, name) => {
        now = time;
        return paths.pathOf(name === 'none' ? 0n : name === 'gone' ? gone : make(name));
      };
      return ${JSON.stringify(TIMELINE)}.map(([time, name]) => at(time, name));
    `;
    const found = TIMELINE.map(([, name, isFound]) => (isFound ? `${path}/${name}` : null));
    expect(inside(through, directory, code)).toEqual(found);
  });
});

/** When which is asked for, just made or gone before; whether it is found, which takes a walk. */
const TIMELINE = [
  [0, 'none', false],
  [0, 'a', true],
  [249, 'b', false],
  [250, 'gone', false],
  [499, 'c', false],
  [500, 'd', true],
  [1_249, 'gone', false], // without a walk
  [1_249, 'e', true],
  [1_499, 'gone', false], // with one
  [1_499, 'f', false],
] as const;

/** The machine may have cgroup2 in other places, too, as a chroot has. With $0, where it stays. */
const UNMOUNT_OTHERS = `
  awk -v kept="$0" '$3 == "cgroup2" && $2 != kept { print $2 }' /proc/self/mounts |
    while read -r other; do umount --lazy "$other"; done
`;

/** In a mount namespace of its own, after commands that see $0, where cgroup2 was, and make $1, a folder with a space. */
function remounted(commands: string, options: readonly string[] = []): string[] {
  const folder = temporary('a b');
  const point = makeCgroup('any').directory.replace(/\/pping-tests-.*/, '');
  const script = `set -e; ${UNMOUNT_OTHERS} mkdir "$1"; ${commands}; shift; exec "$@"`;
  return ['unshare', '--mount', ...options, 'sh', '-c', script, point, folder];
}

describe('where cgroup2 is mounted', () => {
  let cgroup: TestCgroup;
  let below: TestCgroup['directory'];

  beforeEach(() => {
    cgroup = makeCgroup('web.service');
    below = temporary('a b');
  });

  test('nowhere, nothing is known', () => {
    const through = remounted('umount --lazy "$0"');
    const code = `return [paths.pathOf(1n), paths.idOf('/'), paths.containers('')]`;
    expect(inside(through, below, code)).toEqual([null, null, []]);
  });

  test('under something else, nothing is known either', () => {
    const through = remounted('mount -t tmpfs none "$0"');
    expect(inside(through, below, `return [paths.pathOf(1n), paths.idOf('/')]`)).toEqual([
      null,
      null,
    ]);
  });

  test('in part, the paths are whole, and what is not there has none', () => {
    const { path, directory, id, level } = cgroup;
    const outside = makeCgroup('other.service');
    const through = remounted(`mount --bind '${directory}' "$1"; umount --lazy "$0"`);
    const code = `
      const inner = make('inner');
      const forms = [top, '${path}', top + '/inner', '${path}/inner', '${outside.path}', '/'];
      return {
        paths: [idOf(''), inner, ${outside.id}n].map((id) => paths.pathOf(id)),
        ids: forms.map((form) => paths.idOf(form)),
      };
    `;
    const inner = { path: `${path}/inner`, id: expect.any(Number), level: level + 1 };
    const self = { path, id: Number(id), level };
    expect(inside(through, below, code)).toEqual({
      paths: [path, inner.path, null],
      ids: [self, self, inner, inner, null, null],
    });
  });

  test('for a cgroup namespace, paths begin there, and no level is claimed', () => {
    const mounts = 'umount --lazy "$0"; mount -t cgroup2 none "$1"';
    const through = cgroup.command(remounted(mounts, ['--cgroup']));
    const code = `
      const inner = make('inner');
      const failing = (call) => { try { return call(); } catch (error) { return error.message; } };
      return [
        paths.pathOf(inner), paths.pathOf(idOf('')), paths.pathOf(1n),
        failing(() => paths.idOf('/inner')), failing(() => paths.containers('')),
      ];
    `;
    const message = expect.stringMatching(
      /^the depth of a cgroup is unknown inside a cgroup namespace.*--cgroupns=host$/,
    );
    expect(inside(through, below, code)).toEqual(['/inner', '/', null, message, message]);
  });
});
